import type { Role } from "../../incident/credentials.ts";
import type { Problem } from "../problem.ts";
import { variableOf } from "./environment.ts";

const challenge = { "www-authenticate": 'Bearer realm="Tourniquet"' };

export const noToken: Problem = {
  status: 401,
  kind: "token-required",
  detail: "Send a token: Authorization: Bearer <token>. In a browser, log in at /login.",
  headers: challenge,
};

/** The same kind: a client does the same about it. */
const another = (detail: string): Problem => ({ ...noToken, detail });
export const wrongToken = another(
  "The token that was sent is none of ours, or it was revoked: mend it, or ask for one.",
);
export const expiredToken = another("The token that was sent has expired: ask for a new one.");
export const noSession = another(
  "The login has ended: after 15 minutes without use, after 8 hours, or with its token. Log in again.",
);
export const bearerOnly = another("Send the token as Authorization: Bearer <token>; no other scheme is taken.");

export const crossSite: Problem = { status: 403, kind: "cross-site", detail: "Changes are taken from this site only." };

/** How long ago somebody must have proved who they are at most, to give money back or make tokens (guarantees.md section 7). */
export const FRESH_MS = 10 * 60_000;
export const staleLogin: Problem = {
  status: 403,
  kind: "fresh-login-required",
  detail:
    "This gives money back or hands out rights, so it asks for a login of the last 10 minutes: log in again, then repeat it.",
};

export function tooLittle(own: Role, needed: readonly Role[]): Problem {
  const detail = `This needs the role ${needed.join(" or ")}; the token has ${own}.`;
  return { status: 403, kind: "role-too-small", detail };
}

export function notConfigured(sufficient: readonly Role[]): Problem {
  const names = sufficient.map((name) => variableOf[name]);
  const detail = `Set ${names.join(" or ")}, or make a token (tourniquet tokens create), to use this.`;
  return { status: 403, kind: "token-not-configured", detail };
}

export function tooManyLogins(waitSec: number): Problem {
  const detail = `Five tries to log in a minute are taken from one address: try again in ${waitSec} s.`;
  return { status: 429, kind: "too-many-logins", detail, headers: { "retry-after": String(waitSec) } };
}

export const saidNoToken: Problem = {
  status: 422,
  kind: "invalid",
  detail: 'Say your token, as JSON {"token"} or as a form.',
  errors: [{ field: "token", problem: "must be a token" }],
};
export const agentsToken: Problem = {
  status: 403,
  kind: "role-too-small",
  detail: "An agent's token logs in nowhere: agents ask and report at /api/agents/<id>/breaker.",
};
