import express, { type Router } from "express";
import type { DeadLetters } from "../../incident/dead-letter.ts";
import { deadQueues } from "../../incident/dead-letter.ts";
import { presentDeadLetter } from "../../incident/present-dead-letter.ts";
import { readListing, readReplayOrder } from "../../incident/replay-order.ts";
import type { Auth } from "../auth.ts";
import { jsonBody } from "../json-body.ts";
import { wrongMethod } from "../method.ts";
import { sendProblem } from "../problem.ts";

export interface DeadLettersApiPorts {
  deadLetters: DeadLetters;
  auth: Auth;
}

/** /api/dead-letters (O4): jobs that failed for good, one with its whole history, and their replay. */
export function deadLettersApi({ deadLetters, auth }: DeadLettersApiPorts): Router {
  const viewer = auth.require("viewer", { openHere: true });
  const router = express.Router();
  router
    .route("/")
    .get(viewer, async (req, res) => {
      const { filter, limit, after } = readListing(req.query);
      const page = await deadLetters.list(filter, limit, after);
      res.json({ ...page, deadLetters: page.deadLetters.map(presentDeadLetter) });
    })
    .all(wrongMethod("GET"));
  router
    .route("/replay")
    .post(auth.require("admin"), jsonBody(), async (req, res) => {
      const order = readReplayOrder(req.body);
      res.json({ dryRun: order.dryRun, ...(await deadLetters.replay(order)) });
    })
    .all(wrongMethod("POST"));
  router
    .route("/:queue/:id")
    .get(viewer, async (req, res) => {
      const queue = deadQueues.find((name) => name === req.params.queue);
      const found = queue && (await deadLetters.show(queue, String(req.params.id)));
      if (found) res.json(presentDeadLetter(found));
      else sendProblem(res, noSuchJob);
    })
    .all(wrongMethod("GET"));
  return router;
}

const noSuchJob = { status: 404, kind: "no-such-job", detail: "There is no job of this id in this queue." };
