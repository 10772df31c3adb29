import { randomBytes } from "node:crypto";
import express, { type Request, type RequestHandler, type Response, type Router } from "express";
import type { LoginLimit, PersonalTokens, Sessions } from "../incident/credentials.ts";
import type { Log } from "../incident/ports.ts";
import { clearCookie, readCookie, setCookie } from "./auth/cookie.ts";
import { environmentTokens } from "./auth/environment.ts";
import { type OwnSession, type Proven, provenBy } from "./auth/identify.ts";
import { networkAsking } from "./auth/network.ts";
import { agentsToken, crossSite, saidNoToken, tooManyLogins } from "./auth/refusals.ts";
import { csrfTokenOf, isForeign } from "./auth/same-site.ts";
import { safePath } from "./auth/then.ts";
import type { Auth, AuthLocals, Tokens } from "./auth.ts";
import type { Caller } from "./caller.ts";
import { loginPage } from "./login-page.ts";
import { wrongMethod } from "./method.ts";
import { type Problem, sendProblem } from "./problem.ts";
import { sparing } from "./sparing-log.ts";

export interface LoginPorts {
  auth: Auth;
  tokens: Tokens;
  personalTokens: Pick<PersonalTokens, "find" | "exist">;
  sessions: Sessions;
  loginLimit: LoginLimit;
  publicUrl?: string | undefined;
  log: Log;
}

/**
 * Login of browsers (O6): POST /login with a token gives a session and its cookie, GET /api/session says whose it is, POST /logout
 * ends it. GET /login is a page that works without any script.
 */
export function login(ports: LoginPorts): Router {
  const { auth, sessions } = ports;
  const router = express.Router();
  const body = [express.json({ limit: "2kb" }), express.urlencoded({ extended: false, limit: "2kb" })];
  router
    .route("/login")
    .get((req, res) => void res.type("html").send(loginPage(safePath(req.query.then))))
    .post(...body, logIn(ports))
    .all(wrongMethod("GET", "POST"));
  router
    .route("/logout")
    .post(auth.require("viewer"), async (_req, res) => {
      const { session } = res.locals as AuthLocals;
      if (session) await sessions.end(session.secret);
      clearCookie(res);
      res.status(204).end();
    })
    .all(wrongMethod("POST"));
  router
    .route("/api/session")
    .get(auth.require("viewer"), (_req, res) => {
      const { caller, session } = res.locals as AuthLocals;
      res.json(present(caller, session));
    })
    .all(wrongMethod("GET"));
  return router;
}

function logIn(ports: LoginPorts): RequestHandler {
  const environment = environmentTokens(ports.tokens);
  // What is over the limit may come without end, and must not fill the disk of the log.
  const floods = sparing(ports.log);
  return async (req, res) => {
    if (isForeign(req, ports.publicUrl)) return refuse(req, res, crossSite);
    const waitSec = await ports.loginLimit.take(networkAsking(req));
    if (waitSec > 0) return failed({ log: floods }, req, res, tooManyLogins(waitSec));
    const { token, then } = (req.body ?? {}) as Record<string, unknown>;
    if (typeof token !== "string" || token === "") return failed(ports, req, res, saidNoToken);
    const proven = await provenBy(token, { ...ports, environment });
    if ("wrong" in proven) return failed(ports, req, res, { ...proven.wrong, headers: {} });
    if (proven.role === "agent") return failed(ports, req, res, agentsToken);
    const session = await begin(ports, req, res, proven);
    if (isForm(req)) return res.redirect(303, safePath(then));
    res.json(session);
  };
}

/** A new secret each time: what a browser brought along opens nothing, and what it had before is over. */
async function begin({ sessions, log }: LoginPorts, req: Request, res: Response, proven: Proven) {
  const before = readCookie(req);
  if (before !== undefined) await sessions.end(before);
  const secret = randomBytes(32).toString("base64url");
  const { role, name, credential } = proven;
  const session = await sessions.begin(secret, { role, name, with: proven.kept(secret) });
  setCookie(res, secret);
  log.info({ address: req.ip, session: session.id, role, name, credential: credential.id }, "login.done");
  return present({ role, name }, { ...session, secret });
}

function failed({ log }: Pick<LoginPorts, "log">, req: Request, res: Response, problem: Problem): void {
  log.warn({ address: req.ip, refused: problem.kind }, "login.refused");
  refuse(req, res, problem);
}

/** Who is logged in, until when, and what their changes must carry; null where there is no login: a program. */
function present({ role, name }: Pick<Caller, "role" | "name">, session: OwnSession | undefined) {
  return {
    role,
    name,
    csrfToken: session ? csrfTokenOf(session.secret) : null,
    idleUntil: session ? new Date(session.idleUntil).toISOString() : null,
    endsAt: session ? new Date(session.endsAt).toISOString() : null,
  };
}

/** A form is answered with the page again, so that a person can try again. */
function refuse(req: Request, res: Response, problem: Problem): void {
  if (isForm(req)) {
    res.set(problem.headers ?? {}).status(problem.status);
    res.type("html").send(loginPage(safePath(req.body?.then), problem.detail));
  } else sendProblem(res, problem);
}

const isForm = (req: Request): boolean => Boolean(req.is("urlencoded"));
