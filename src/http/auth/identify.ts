import type { Request } from "express";
import type { LoggedInWith, PersonalTokens, Session, Sessions } from "../../incident/credentials.ts";
import type { Caller } from "../caller.ts";
import type { Problem } from "../problem.ts";
import { readCookie } from "./cookie.ts";
import type { EnvironmentTokens } from "./environment.ts";
import { bearerOnly, expiredToken, noSession, wrongToken } from "./refusals.ts";

export interface IdentifyPorts {
  environment: EnvironmentTokens;
  personalTokens: Pick<PersonalTokens, "find" | "exist">;
  sessions: Pick<Sessions, "use">;
}

/** What a token proves: for a request that carries it, or for a login with it. */
export interface Proven extends Omit<Caller, "credential"> {
  credential: { kind: "environment" | "token"; id: string };
  /** What a login with it keeps, under this secret. */
  kept(secret: string): LoggedInWith;
}

/** The login behind a request, for what is asked of browsers alone. */
export type OwnSession = Pick<Session, "ageMs" | "idleUntil" | "endsAt"> & { secret: string };

export type Identified =
  | { caller: Caller; session?: OwnSession }
  /** Something was sent that should say who asks, and does not. */
  | { wrong: Problem }
  | "nobody";

/** Those of the environment first: they are known without Redis. */
export async function provenBy(
  token: string,
  ports: Omit<IdentifyPorts, "sessions">,
): Promise<Proven | { wrong: Problem }> {
  const own = ports.environment.find(token);
  if (own) {
    const credential = { kind: "environment", id: own.id } as const;
    return {
      role: own.role,
      name: null,
      credential,
      kept: (secret) => ({ ...credential, proof: own.proofOf(secret) }),
    };
  }
  const found = await ports.personalTokens.find(token);
  if (found === null) return { wrong: wrongToken };
  if (found === "expired") return { wrong: expiredToken };
  const credential = { kind: "token", id: found.id } as const;
  return { role: found.role, name: found.name, credential, kept: () => credential };
}

/** Bearer for programs, the cookie for browsers. */
export async function identify(req: Request, ports: IdentifyPorts): Promise<Identified> {
  const { authorization } = req.headers;
  if (authorization !== undefined) {
    const [, token] = /^bearer +(\S+) *$/i.exec(authorization) ?? [];
    if (token === undefined) return { wrong: bearerOnly };
    const proven = await provenBy(token, ports);
    if ("wrong" in proven) return proven;
    const { role, name, credential } = proven;
    return { caller: { role, name, credential } };
  }
  const secret = readCookie(req);
  if (secret === undefined) return "nobody";
  const session = await ports.sessions.use(secret);
  return session === null || !isStillProven(session, secret, ports.environment)
    ? { wrong: noSession }
    : identified(session, secret);
}

/** Redis looked for a personal token; a variable's is known here alone. */
function isStillProven({ with: own }: Session, secret: string, environment: EnvironmentTokens): boolean {
  return own.kind === "token" || environment.proves(own.id, secret, own.proof);
}

function identified(session: Session, secret: string): Identified {
  const { id, role, name, ageMs, idleUntil, endsAt } = session;
  // Both are in the audit trail then: which login, and with what it was made.
  const credential = { kind: "session", id: `${id}/${session.with.id}` } as const;
  return { caller: { role, name, credential }, session: { secret, ageMs, idleUntil, endsAt } };
}
