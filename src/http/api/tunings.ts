import express, { type Router } from "express";
import { presentTuning, type Tunings } from "../../incident/tuning.ts";
import { orderTuning, type Verb } from "../../learn/tuning/order-tuning.ts";
import type { LearnPorts } from "../../learn/tuning/tuning.ts";
import type { Auth } from "../auth.ts";
import { jsonBody } from "../json-body.ts";
import { wrongMethod } from "../method.ts";
import { sendProblem } from "../problem.ts";

export interface TuningsApiPorts extends Pick<LearnPorts, "incidents" | "log"> {
  tunings: Tunings;
  auth: Auth;
}

const LIMIT = 200;
const verbs: readonly Verb[] = ["approve", "reject", "withdraw"];

/** /api/tunings (F6): what incidents taught about thresholds, newest first, and what a person decides on it. */
export function tuningsApi(ports: TuningsApiPorts): Router {
  const { auth, tunings } = ports;
  const viewer = auth.require("viewer", { openHere: true });
  const router = express.Router();
  router
    .route("/")
    .get(viewer, async (_req, res) => {
      res.json({ tunings: (await tunings.list(LIMIT)).map(presentTuning) });
    })
    .all(wrongMethod("GET"));
  router
    .route("/:id")
    .get(viewer, async (req, res) => {
      const found = await tunings.load(String(req.params.id));
      if (found) res.json(presentTuning(found));
      else sendProblem(res, { status: 404, kind: "no-such-tuning", detail: "There is no tuning of this id." });
    })
    .all(wrongMethod("GET"));
  for (const verb of verbs)
    router
      .route(`/:id/${verb}`)
      .post(auth.require("admin"), jsonBody(), async (req, res) => {
        res.json(presentTuning(await orderTuning(ports, String(req.params.id), verb, req.body)));
      })
      .all(wrongMethod("POST"));
  return router;
}
