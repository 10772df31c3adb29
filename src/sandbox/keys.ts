import { Problem } from "./problem.ts";
import type { Scope, Tier } from "./state.ts";
import type { World } from "./world.ts";

/** Who is calling. An admin is whoever holds a key with the admin scope: no ownership, tier, rate, balance or cap check. */
export interface Caller {
  agentId: string;
  tier: Tier;
  scopes: readonly Scope[];
  isAdmin: boolean;
}

/** Read from `Authorization: Bearer` (scheme in any case) or `X-API-Key`; undefined if neither is there. */
export function readToken(headers: Record<string, string | string[] | undefined>): string | undefined {
  const bearer = /^\s*bearer\s+(\S+)\s*$/i.exec(String(headers.authorization ?? ""));
  const apiKey = headers["x-api-key"];
  return bearer?.[1] ?? (typeof apiKey === "string" && apiKey.trim() !== "" ? apiKey.trim() : undefined);
}

export function authenticate(world: World, token: string | undefined): Caller {
  if (token === undefined) throw new Problem(401, "missing-key", "Missing API key");
  const caller = findCaller(world, token);
  if (!caller) throw new Problem(401, "authentication-error", "Invalid API key");
  return caller;
}

export function findCaller(world: World, token: string): Caller | undefined {
  const issued = world.state.keys.get(token) ?? world.issuedKeys.find((key) => key.token === token);
  if (issued) return callerOf(issued.agentId, issued.tier, issued.scopes);
  return world.hasOpenKeys ? openCaller(world, token) : undefined;
}

function openCaller(world: World, token: string): Caller | undefined {
  if (token.startsWith("sandbox-admin")) return callerOf(token, "enterprise", ["read", "write", "admin"]);
  const agentId = /^sandbox-agent-(.+)$/.exec(token)?.[1];
  if (agentId === undefined) return undefined;
  return callerOf(agentId, world.state.agents.get(agentId)?.tier ?? world.defaultTier, ["read", "write"]);
}

function callerOf(agentId: string, tier: Tier, scopes: readonly Scope[]): Caller {
  return { agentId, tier, scopes, isAdmin: scopes.includes("admin") };
}
