import express, { type RequestHandler, type Router } from "express";
import { endSilence, type OrderSilencePorts, orderSilence } from "../../detect/order-silence.ts";
import { presentSilence, type Silences } from "../../incident/silence.ts";
import type { Settings } from "../../settings/settings.ts";
import type { Auth } from "../auth.ts";
import { jsonBody } from "../json-body.ts";
import { wrongMethod } from "../method.ts";

export interface SilencesApiPorts extends OrderSilencePorts {
  silences: Silences;
  settings: Pick<Settings, "silences">;
  auth: Auth;
}

/** /api/silences (P6): those of the settings file and those made while the product runs, and what each held back. */
export function silencesApi(ports: SilencesApiPorts): Router {
  const { auth, silences } = ports;
  const json = jsonBody();
  const responder = auth.require("responder");
  const router = express.Router();
  router
    .route("/")
    .get(auth.require("viewer", { openHere: true }), async (_req, res) => {
      res.json({ silences: (await silences.list(ports.settings.silences)).map(presentSilence) });
    })
    .post(responder, json, holdingContainmentNeedsAdmin(auth), async (req, res) => {
      const silence = await orderSilence(ports, req.body);
      res.status(201).json(presentSilence({ ...silence, state: "active", heldBack: 0 }));
    })
    .all(wrongMethod("GET", "POST"));
  router
    .route("/:id")
    .delete(responder, json, async (req, res) => {
      await endSilence(ports, String(req.params.id), String(req.body?.by ?? req.query.by ?? ""));
      res.status(204).end();
    })
    .all(wrongMethod("DELETE"));
  return router;
}

/** To let a critical signal go unanswered is more than a responder may decide. */
function holdingContainmentNeedsAdmin(auth: Auth): RequestHandler {
  const admin = auth.require("admin");
  return (req, res, next) => (req.body?.holdsContainment === true ? admin(req, res, next) : next());
}
