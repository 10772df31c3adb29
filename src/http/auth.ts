import type { Request, RequestHandler, Response } from "express";
import type { PersonalTokens, Role, Sessions } from "../incident/credentials.ts";
import { environmentTokens, type Tokens } from "./auth/environment.ts";
import { identify, type OwnSession } from "./auth/identify.ts";
import { judge, type RequireOptions } from "./auth/judge.ts";
import type { Caller } from "./caller.ts";
import { type Problem, sendProblem } from "./problem.ts";

export type { Tokens } from "./auth/environment.ts";

export interface AuthPorts {
  tokens: Tokens;
  personalTokens: Pick<PersonalTokens, "find" | "exist">;
  sessions: Pick<Sessions, "use">;
  /** How browsers reach this, where a proxy changes Host. */
  publicUrl?: string | undefined;
}

export interface Auth {
  /**
   * Lets in who has the role, or one of them, or more, and says who it is: callerOf(res). Changes with a login must come from our
   * own pages (auth/same-site.ts).
   */
  require(role: Role | readonly Role[], options?: RequireOptions): RequestHandler;
}

/** What `require` leaves for the handlers behind it; `session` only of a browser's login. */
export interface AuthLocals {
  caller: Caller;
  session?: OwnSession;
}

export function createAuth({ tokens, publicUrl, personalTokens, sessions }: AuthPorts): Auth {
  const ports = { personalTokens, sessions, environment: environmentTokens(tokens), publicUrl };
  return {
    require: (role, options = {}) => {
      const needed = [role].flat();
      return async (req, res, next) => {
        const judged = await judge(req, await identify(req, ports), { ...options, ports, needed });
        if ("refused" in judged) return refuse(req, res, judged.refused);
        Object.assign(res.locals, judged satisfies AuthLocals);
        next();
      };
    },
  };
}

/** A person who wants a page is shown where to log in; programs, and scripts of our own pages, are told what is wrong. */
function refuse(req: Request, res: Response, problem: Problem): void {
  const wantsPage = req.method === "GET" && req.accepts(["json", "html"]) === "html";
  if (problem.status === 401 && wantsPage) res.redirect(303, `/login?then=${encodeURIComponent(req.originalUrl)}`);
  else sendProblem(res, problem);
}
