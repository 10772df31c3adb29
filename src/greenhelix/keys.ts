import { TourniquetError } from "../errors.ts";

/**
 * Which API key acts for an agent (mission O9): one containment key with admin scope for all, or one key per agent where
 * the gateway is hosted by others. Keys come from whoever reads the configuration; nothing in this room prints one.
 */
export type KeyFor = (agentId: string) => string | undefined;

export function oneKey(key: string): KeyFor {
  const checked = usableKey(key);
  return () => checked;
}

/** `fallback` acts for every agent without a key of its own. */
export function keyPerAgent(keys: Readonly<Record<string, string>>, fallback?: string): KeyFor {
  const byAgent = new Map(Object.entries(keys).map(([agentId, key]) => [agentId, usableKey(key)]));
  const checkedFallback = fallback === undefined ? undefined : usableKey(fallback);
  return (agentId) => byAgent.get(agentId) ?? checkedFallback;
}

/** Throws gateway-misconfigured where no key is known: no later attempt helps until someone adds one. */
export function requireKey(keyFor: KeyFor, agentId: string): string {
  const key = keyFor(agentId);
  if (key !== undefined) return usableKey(key);
  throw new TourniquetError("gateway-misconfigured", `no API key is configured for agent ${agentId}`, { agentId });
}

/** A key read from a file often brings a line end; a header must not hold one. */
function usableKey(key: string): string {
  const trimmed = key.trim();
  if (/^[\x21-\x7e]+$/.test(trimmed)) return trimmed;
  throw new TourniquetError(
    "gateway-misconfigured",
    "an API key is empty or holds characters no HTTP header can carry",
  );
}
