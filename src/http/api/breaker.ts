import express, { type Router } from "express";
import { z } from "zod";
import { askBreaker, type BreakerPorts, reportOutcome, resetBreaker } from "../../contain/breaker.ts";
import { person } from "../../incident/who-and-why.ts";
import type { Auth } from "../auth.ts";
import { jsonBody } from "../json-body.ts";
import { wrongMethod } from "../method.ts";
import { invalidBody } from "../problem.ts";

const reportBody = z.object({
  outcome: z.enum(["success", "failure"], "must be success or failure"),
  probe: z.string("must be the token of the probe").max(100, "is no token of ours").nullish(),
});
const resetBody = z.object({ by: person.by, reason: person.reason });

/**
 * /api/agents/:id/breaker (P3, docs/breaker.md): agents ask before they spend and say afterwards how it went. While Redis does
 * not answer, neither do we: 503, and the client decides.
 */
export function breakerApi(ports: BreakerPorts & { auth: Auth }): Router {
  const { auth } = ports;
  const json = jsonBody();
  const agent = auth.require("agent", { openHere: true });
  const looks = auth.require(["agent", "viewer"], { openHere: true });
  const router = express.Router();
  router
    .route("/:id/breaker")
    .get(
      // To take the probe is to change something; to peek is to read.
      (req, res, next) => (isPeek(req) ? looks : agent)(req, res, next),
      async (req, res) => void res.json(await askBreaker(ports, req.params.id, { peek: isPeek(req) })),
    )
    .post(auth.require("agent"), json, async (req, res) => {
      const body = reportBody.safeParse(req.body ?? {});
      if (!body.success) return invalidBody(res, body.error, "Say how the attempt went.");
      const { outcome, probe = null } = body.data;
      res.json(await reportOutcome(ports, String(req.params.id), { outcome, probe }));
    })
    .all(wrongMethod("GET", "POST"));
  router
    .route("/:id/breaker/reset")
    .post(auth.require("responder"), json, async (req, res) => {
      const body = resetBody.safeParse(req.body ?? {});
      if (!body.success) return invalidBody(res, body.error, "Say who resets the breaker, and why.");
      res.json(await resetBreaker(ports, String(req.params.id), body.data));
    })
    .all(wrongMethod("POST"));
  return router;
}

const isPeek = ({ query }: express.Request): boolean => query.peek === "true";
