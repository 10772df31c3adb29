import express, { type Router } from "express";
import { presentVerdict } from "../../incident/present-verdict.ts";
import type { Verdicts } from "../../incident/verdict.ts";
import type { Auth } from "../auth.ts";
import { wrongMethod } from "../method.ts";
import { readLimit } from "../order.ts";
import { sendProblem } from "../problem.ts";

/** As many as are kept to be listed. */
const MOST = 1_000;
const USUAL = 50;

/** /api/signals (D14): what was concluded lately, why, and which line of policy decided. */
export function signalsApi({ verdicts, auth }: { verdicts: Pick<Verdicts, "recent">; auth: Auth }): Router {
  const viewer = auth.require("viewer", { openHere: true });
  const router = express.Router();
  router
    .route("/")
    .get(viewer, async (req, res) => {
      const limit = readLimit(req, res, MOST, USUAL);
      if (limit) res.json({ signals: (await verdicts.recent(limit)).map(presentVerdict) });
    })
    .all(wrongMethod("GET"));
  router
    .route("/:id")
    .get(viewer, async (req, res) => {
      const found = (await verdicts.recent(MOST)).find(({ signal }) => signal.id === req.params.id);
      if (found) res.json(presentVerdict(found));
      else sendProblem(res, { status: 404, kind: "no-such-signal", detail: "No recent signal has this id." });
    })
    .all(wrongMethod("GET"));
  return router;
}
