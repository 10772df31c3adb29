import { createHmac, hash, timingSafeEqual } from "node:crypto";
import type { Request, RequestHandler, Response } from "express";
import { isFromThisMachine } from "./loopback.ts";
import { type Problem, sendProblem } from "./problem.ts";

/** Least first (mission O6): agent asks its breaker and reports to it, viewer reads, responder changes, admin may do all. */
const roles = ["agent", "viewer", "responder", "admin"] as const;
export type Role = (typeof roles)[number];

/** Who may do what needs a role: those above it too, except that to read is no right to report for an agent. */
const enough: Readonly<Record<Role, readonly Role[]>> = {
  agent: ["agent", "responder", "admin"],
  viewer: ["viewer", "responder", "admin"],
  responder: ["responder", "admin"],
  admin: ["admin"],
};

export interface Tokens {
  /** Left out where nobody asks breakers. */
  agent?: string | undefined;
  viewer: string | undefined;
  responder: string | undefined;
  admin: string | undefined;
}

export interface Auth {
  /** Lets in who has the role, or one of them, or more. openHere: also anybody at this machine, as long as no token is configured at all. */
  require(role: Role | readonly Role[], options?: { openHere?: boolean }): RequestHandler;
  /** Takes `?token=` of a link, keeps it in a cookie and asks the browser again without it. */
  readonly signInByLink: RequestHandler;
}

const COOKIE = "tourniquet_session";
const variableOf = {
  agent: "AGENT_TOKEN",
  viewer: "VIEWER_TOKEN",
  responder: "RESPONDER_TOKEN",
  admin: "ADMIN_TOKEN",
} as const;

interface Credential {
  role: Role;
  /** Digests, because equal lengths are what a constant-time comparison needs. */
  token: Buffer;
  /** The cookie holds this instead of the token, so that a stolen cookie cannot be used as one. */
  session: string;
}

export function createAuth(tokens: Tokens): Auth {
  const credentials = roles.flatMap((role) => {
    const token = tokens[role];
    if (token === undefined) return [];
    const session = createHmac("sha256", token).update("tourniquet session").digest("hex");
    return [{ role, token: digest(token), session }];
  });
  return {
    require: (role, options) => (req, res, next) => {
      const problem = refusal(req, credentials, [role].flat(), options?.openHere ?? false);
      if (problem) sendProblem(res, problem);
      else next();
    },
    signInByLink: (req, res, next) => signIn(req, res, credentials) || next(),
  };
}

function refusal(
  req: Request,
  credentials: readonly Credential[],
  needed: readonly Role[],
  openHere: boolean,
): Problem | undefined {
  const sufficient = roles.filter((role) => needed.some((one) => enough[one].includes(role)));
  if (credentials.length === 0 && openHere && isFromThisMachine(req)) return undefined;
  if (!credentials.some(({ role }) => sufficient.includes(role))) return notConfigured(sufficient, openHere);
  const own = roleOf(req, credentials);
  if (own === undefined) return isSigned(req) ? wrongToken : noToken;
  if (!sufficient.includes(own)) return tooLittle(own, needed);
  return isCrossSite(req) ? crossSite : undefined;
}

/** Bearer for programs, Basic (any user name) for a browser's own prompt, the cookie for links. */
function roleOf(req: Request, credentials: readonly Credential[]): Role | undefined {
  const [scheme = "", value = ""] = (req.headers.authorization ?? "").split(" ", 2);
  if (/^bearer$/i.test(scheme)) return byToken(value, credentials);
  if (/^basic$/i.test(scheme)) {
    const text = Buffer.from(value, "base64").toString("utf8");
    return byToken(text.slice(text.indexOf(":") + 1), credentials);
  }
  const session = readCookie(req);
  return session === undefined ? undefined : bySession(session, credentials);
}

/** Something was sent that should say who asks. */
function isSigned(req: Request): boolean {
  return req.headers.authorization !== undefined || readCookie(req) !== undefined;
}

function byToken(token: string, credentials: readonly Credential[]): Role | undefined {
  return firstEqual(digest(token), credentials, (credential) => credential.token);
}

function bySession(session: string, credentials: readonly Credential[]): Role | undefined {
  return firstEqual(digest(session), credentials, (credential) => digest(credential.session));
}

/** Compares with every credential: the time taken must not tell which was close. */
function firstEqual(
  claimed: Buffer,
  credentials: readonly Credential[],
  own: (credential: Credential) => Buffer,
): Role | undefined {
  const equal = credentials.filter((credential) => timingSafeEqual(own(credential), claimed));
  return equal[0]?.role;
}

function signIn(req: Request, res: Response, credentials: readonly Credential[]): boolean {
  const { token } = req.query;
  if (req.method !== "GET" || typeof token !== "string") return false;
  const role = byToken(token, credentials);
  const session = credentials.find((credential) => credential.role === role)?.session;
  if (session === undefined) {
    sendProblem(res, wrongToken);
    return true;
  }
  // Secure only where the browser came by https, or it would drop the cookie on a plain local address.
  res.cookie(COOKIE, session, { httpOnly: true, sameSite: "strict", secure: req.secure, path: "/" });
  const target = new URL(req.originalUrl, "http://local");
  target.searchParams.delete("token");
  // One leading slash: two would name another host.
  res.redirect(303, target.pathname.replace(/^\/+/, "/") + target.search);
  return true;
}

function readCookie(req: Request): string | undefined {
  const pairs = (req.headers.cookie ?? "").split(";").map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1);
}

/** A browser sends Basic credentials along whoever makes it ask; it also says who did. */
function isCrossSite(req: Request): boolean {
  if (req.method === "GET" || req.method === "HEAD") return false;
  const site = req.headers["sec-fetch-site"];
  const origin = req.headers.origin;
  const isForeign = origin !== undefined && URL.parse(origin)?.host !== req.headers.host;
  return isForeign || (site !== undefined && site !== "same-origin" && site !== "none");
}

function digest(text: string): Buffer {
  return hash("sha256", text, "buffer");
}

const noToken: Problem = {
  status: 401,
  kind: "token-required",
  detail: "Send a token: Authorization: Bearer <token>, or as the password of Basic authentication.",
  headers: { "www-authenticate": 'Basic realm="Tourniquet", charset="UTF-8", Bearer realm="Tourniquet"' },
};
/** The same kind: a client does the same about it. */
const wrongToken: Problem = {
  ...noToken,
  detail:
    "The token that was sent is none of ours: mend it, or ask for one. A link's cookie ends when its token is changed.",
};
const crossSite: Problem = { status: 403, kind: "cross-site", detail: "Changes are taken from this site only." };

function tooLittle(own: Role, needed: readonly Role[]): Problem {
  const detail = `This needs the role ${needed.join(" or ")}; the token has ${own}.`;
  return { status: 403, kind: "role-too-small", detail };
}

function notConfigured(sufficient: readonly Role[], openHere: boolean): Problem {
  const names = sufficient.map((name) => variableOf[name]);
  const here = openHere ? "; without any token it is open to clients on the same machine only" : "";
  return { status: 403, kind: "token-not-configured", detail: `Set ${names.join(" or ")} to use this${here}.` };
}
