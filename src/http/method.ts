import type { RequestHandler } from "express";
import { sendProblem } from "./problem.ts";

/** The last handler of a route: the path is known, what was asked of it is not. HEAD goes where GET goes. */
export function wrongMethod(...allowed: readonly string[]): RequestHandler {
  const allow = allowed.join(", ");
  return (_req, res) => {
    sendProblem(res, {
      status: 405,
      kind: "method-not-allowed",
      detail: `This address takes ${allow}.`,
      headers: { allow },
    });
  };
}
