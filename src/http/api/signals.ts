import express, { type Router } from "express";
import type { Inbox } from "../../incident/inbox.ts";
import { whyNotActedOn } from "../../incident/not-acted-on.ts";
import { presentVerdict } from "../../incident/present-verdict.ts";
import type { KeptVerdict, Verdicts } from "../../incident/verdict.ts";
import type { Auth } from "../auth.ts";
import { wrongMethod } from "../method.ts";
import { readLimit } from "../order.ts";
import { sendProblem } from "../problem.ts";

/** As many as are kept to be listed. */
const MOST = 1_000;
const USUAL = 50;

interface SignalsApiPorts {
  verdicts: Pick<Verdicts, "recent">;
  inbox: Pick<Inbox, "load">;
  auth: Auth;
}

/** /api/signals (D14): what was concluded lately, why, which line of policy decided, and why nothing followed where nothing did. */
export function signalsApi({ verdicts, inbox, auth }: SignalsApiPorts): Router {
  const present = async (verdict: KeptVerdict) => ({
    ...presentVerdict(verdict),
    notActedOn: await whyNotActedOn(inbox, verdict),
  });
  const viewer = auth.require("viewer", { openHere: true });
  const router = express.Router();
  router
    .route("/")
    .get(viewer, async (req, res) => {
      const limit = readLimit(req, res, MOST, USUAL);
      if (limit) res.json({ signals: await Promise.all((await verdicts.recent(limit)).map(present)) });
    })
    .all(wrongMethod("GET"));
  router
    .route("/:id")
    .get(viewer, async (req, res) => {
      const found = (await verdicts.recent(MOST)).find(({ signal }) => signal.id === req.params.id);
      if (found) res.json(await present(found));
      else sendProblem(res, { status: 404, kind: "no-such-signal", detail: "No recent signal has this id." });
    })
    .all(wrongMethod("GET"));
  return router;
}
