import type { Request } from "express";
import { type Role, rolesFor } from "../../incident/credentials.ts";
import type { Caller } from "../caller.ts";
import { isFromThisMachine } from "../loopback.ts";
import type { Problem } from "../problem.ts";
import type { Identified, IdentifyPorts, OwnSession } from "./identify.ts";
import { crossSite, FRESH_MS, noToken, notConfigured, staleLogin, tooLittle } from "./refusals.ts";
import { csrfProblem, isChange, isForeign } from "./same-site.ts";

export interface RequireOptions {
  /** Also anybody at this machine, as long as no token is configured at all. */
  openHere?: boolean;
  /** A browser must have logged in within 10 minutes; a program proves itself anew with each request. */
  freshLogin?: boolean;
}

interface Rule extends RequireOptions {
  ports: IdentifyPorts & { publicUrl: string | undefined };
  needed: readonly Role[];
}

type Judged = { refused: Problem } | { caller: Caller; session?: OwnSession };

/** Whether this one may. */
export async function judge(req: Request, found: Identified, rule: Rule): Promise<Judged> {
  const { publicUrl } = rule.ports;
  if (isChange(req) && isForeign(req, publicUrl)) return { refused: crossSite };
  if (found === "nobody" || "wrong" in found) return unknown(req, found, rule);
  const { caller, session } = found;
  if (!rolesFor(rule.needed).includes(caller.role)) return { refused: tooLittle(caller.role, rule.needed) };
  if (session === undefined) return { caller };
  const problem = isChange(req) ? csrfProblem(req, session.secret, publicUrl) : undefined;
  if (problem) return { refused: problem };
  return rule.freshLogin && session.ageMs > FRESH_MS ? { refused: staleLogin } : { caller, session };
}

/** Nothing was proved. Where no token could prove it, that is what to mend. */
async function unknown(req: Request, found: "nobody" | { wrong: Problem }, rule: Rule): Promise<Judged> {
  const { ports, needed, openHere = false } = rule;
  const caller = openHere ? await openToHere(req, ports, needed[0]!) : null;
  if (caller) return { caller };
  const sufficient = rolesFor(needed);
  const canBeProved =
    ports.environment.roles.some((role) => sufficient.includes(role)) || (await ports.personalTokens.exist());
  if (!canBeProved) return { refused: notConfigured(sufficient, openHere) };
  return { refused: found === "nobody" ? noToken : found.wrong };
}

/** Anybody at this machine, as long as there is no token at all; else null. */
async function openToHere(req: Request, ports: IdentifyPorts, role: Role): Promise<Caller | null> {
  if (ports.environment.roles.length > 0 || !isFromThisMachine(req)) return null;
  if (await ports.personalTokens.exist()) return null;
  return { role, name: null, credential: { kind: "here", id: "this machine" } };
}
