import type { Request } from "express";
import { type Role, rolesFor } from "../../incident/credentials.ts";
import type { Caller } from "../caller.ts";
import type { Problem } from "../problem.ts";
import type { Identified, IdentifyPorts, OwnSession } from "./identify.ts";
import { crossSite, FRESH_MS, noToken, notConfigured, staleLogin, tooLittle } from "./refusals.ts";
import { csrfProblem, isChange, isForeign } from "./same-site.ts";

export interface RequireOptions {
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
  if (found === "nobody" || "wrong" in found) return unknown(found, rule);
  const { caller, session } = found;
  if (!rolesFor(rule.needed).includes(caller.role)) return { refused: tooLittle(caller.role, rule.needed) };
  if (session === undefined) return { caller };
  const problem = isChange(req) ? csrfProblem(req, session.secret, publicUrl) : undefined;
  if (problem) return { refused: problem };
  return rule.freshLogin && session.ageMs > FRESH_MS ? { refused: staleLogin } : { caller, session };
}

/** Nothing was proved. Where no token could prove it, that is what to mend. */
async function unknown(found: "nobody" | { wrong: Problem }, { ports, needed }: Rule): Promise<Judged> {
  const sufficient = rolesFor(needed);
  const canBeProved =
    ports.environment.roles.some((role) => sufficient.includes(role)) || (await ports.personalTokens.exist());
  if (!canBeProved) return { refused: notConfigured(sufficient) };
  return { refused: found === "nobody" ? noToken : found.wrong };
}
