import express, { type Router } from "express";
import type { Cascades } from "../../incident/cascade.ts";
import { type CascadeView, viewCascade } from "../../incident/cascade-view.ts";
import { presentCascade } from "../../incident/present-verdict.ts";
import { recoveryOrder } from "../../recover/order.ts";
import type { Auth } from "../auth.ts";
import { jsonBody } from "../json-body.ts";
import { wrongMethod } from "../method.ts";
import { readLimit } from "../order.ts";
import { sendProblem } from "../problem.ts";
import { type AcknowledgeApiPorts, acknowledgeWholeCascade } from "./incident-acknowledge.ts";

export interface CascadesApiPorts extends AcknowledgeApiPorts {
  cascades: Pick<Cascades, "list" | "load">;
  auth: Auth;
}

const MOST = 100;
const USUAL = 20;
const CASCADE_ID = /^cas-\d{1,15}$/;

/** /api/cascades (RB5): which agents belong together and why, where it began, the dollars of all of them, and in which order they recover (R4). */
export function cascadesApi(ports: CascadesApiPorts): Router {
  const viewer = ports.auth.require("viewer", { openHere: true });
  const router = express.Router();
  router
    .route("/")
    .get(viewer, async (req, res) => {
      const limit = readLimit(req, res, MOST, USUAL);
      if (!limit) return;
      const found = await ports.cascades.list(limit);
      const views = await Promise.all(found.map((cascade) => viewCascade(ports, cascade)));
      res.json({ cascades: views.map(present) });
    })
    .all(wrongMethod("GET"));
  router
    .route("/:id")
    .get(viewer, async (req, res) => {
      const id = String(req.params.id);
      const cascade = CASCADE_ID.test(id) ? await ports.cascades.load(id) : null;
      if (cascade) res.json(present(await viewCascade(ports, cascade)));
      else sendProblem(res, { status: 404, kind: "no-such-cascade", detail: "There is no cascade of this id." });
    })
    .all(wrongMethod("GET"));
  router
    .route("/:id/acknowledge")
    .post(ports.auth.require("responder"), jsonBody(), acknowledgeWholeCascade(ports))
    .all(wrongMethod("POST"));
  return router;
}

function present(view: CascadeView) {
  return { ...presentCascade(view), recoveryOrder: recoveryOrder(view) };
}
