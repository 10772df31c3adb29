import express, { type Router } from "express";
import { z } from "zod";

import type { Dispatch } from "../../incident/jobs.ts";
import type { Incidents, Log } from "../../incident/ports.ts";
import { presentIncident } from "../../incident/present.ts";
import { person } from "../../incident/who-and-why.ts";
import type { ExportLedgerPorts } from "../../learn/ledger/export.ts";
import { type AskStandDownPorts, askStandDown } from "../../recover/ask-stand-down.ts";
import type { Settings } from "../../settings/settings.ts";
import type { Auth } from "../auth.ts";
import { jsonBody } from "../json-body.ts";
import { wrongMethod } from "../method.ts";
import { sendProblem } from "../problem.ts";
import { type AcknowledgeApiPorts, acknowledgeIncident } from "./incident-acknowledge.ts";
import { showLedger } from "./incident-ledger.ts";
import { type PostMortemApiPorts, showPostMortem } from "./incident-post-mortem.ts";
import { type IncidentRecoveryPorts, recover } from "./incident-recovery.ts";

export interface IncidentsApiPorts
  extends AcknowledgeApiPorts,
    ExportLedgerPorts,
    PostMortemApiPorts,
    IncidentRecoveryPorts {
  incidents: Pick<Incidents, "list" | "view" | "load" | "evidence" | "beginStandDown">;
  caps: AskStandDownPorts["caps"];
  dispatch: Dispatch;
  settings: Settings;
  auth: Auth;
  log: Log;
}

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;
/** What our ids look like; anything else cannot name an incident and is not asked of the store. */
const INCIDENT_ID = /^inc-\d{1,3}-[A-Za-z0-9-]{1,80}$/;

const standDownBody = z.object({
  by: person.by,
  caps: z
    .object({ daily: z.string(), monthly: z.string() }, 'must be {"daily","monthly"}, amounts or "none"')
    .optional(),
  reason: person.reason,
});

/** /api/incidents: list, one, and standing one down after a false alarm. */
export function incidentsApi(ports: IncidentsApiPorts): Router {
  const viewer = ports.auth.require("viewer", { openHere: true });
  const router = express.Router();
  router.route("/").get(viewer, listIncidents(ports)).all(wrongMethod("GET"));
  router.route("/:id").get(viewer, showIncident(ports)).all(wrongMethod("GET"));
  router.route("/:id/post-mortem").get(viewer, showPostMortem(ports)).all(wrongMethod("GET"));
  router
    .route("/:id/acknowledge")
    .post(ports.auth.require("responder"), jsonBody(), acknowledgeIncident(ports))
    .all(wrongMethod("POST"));
  router.route("/:id/ledger").get(viewer, showLedger(ports)).all(wrongMethod("GET"));
  router.route("/:id/evidence").get(viewer, showEvidence(ports)).all(wrongMethod("GET"));
  router
    .route("/:id/recover")
    .post(ports.auth.require("responder"), jsonBody(), recover(ports))
    .all(wrongMethod("POST"));
  router
    .route("/:id/stand-down")
    .post(ports.auth.require("responder"), jsonBody(), standDown(ports))
    .all(wrongMethod("POST"));
  return router;
}

function listIncidents({ incidents }: IncidentsApiPorts): express.RequestHandler {
  return async (req, res) => {
    const limit = req.query.limit === undefined ? DEFAULT_LIMIT : Number(req.query.limit);
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
      const problem = `must be a whole number from 1 to ${MAX_LIMIT}`;
      sendProblem(res, {
        status: 422,
        kind: "invalid",
        detail: `limit ${problem}.`,
        errors: [{ field: "limit", problem }],
      });
      return;
    }
    res.json({ incidents: (await incidents.list(limit)).map(presentIncident) });
  };
}

function showIncident({ incidents }: IncidentsApiPorts): express.RequestHandler {
  return async (req, res) => {
    const id = String(req.params.id);
    const view = INCIDENT_ID.test(id) ? await incidents.view(id) : null;
    if (view === null) sendProblem(res, noSuchIncident);
    else res.json(presentIncident(view));
  };
}

/** What the forensics worker took at containment and when the window closed (F1); an empty object until it was there. */
function showEvidence({ incidents }: IncidentsApiPorts): express.RequestHandler {
  return async (req, res) => {
    const id = String(req.params.id);
    const view = INCIDENT_ID.test(id) ? await incidents.view(id) : null;
    if (view === null) sendProblem(res, noSuchIncident);
    else res.json(await incidents.evidence(id));
  };
}

/** Asked twice it is begun once: the job has a fixed id and the store keeps the first request. */
function standDown(ports: IncidentsApiPorts): express.RequestHandler {
  return async (req, res) => {
    const incidentId = String(req.params.id);
    const body = standDownBody.safeParse(req.body ?? {});
    if (!body.success) {
      const errors = body.error.issues.map((issue) => ({
        field: issue.path.join(".") || "body",
        problem: issue.message,
      }));
      return sendProblem(res, {
        status: 422,
        kind: "invalid",
        detail: "Say who stands the incident down, and why.",
        errors,
      });
    }
    if (!INCIDENT_ID.test(incidentId)) return sendProblem(res, noSuchIncident);
    const status = await askStandDown(ports, { incidentId, ...body.data });
    ports.log.info({ incidentId, by: body.data.by, status }, "stand-down.asked");
    res.status(202).json({ incidentId, status });
  };
}

const noSuchIncident = { status: 404, kind: "no-such-incident", detail: "There is no incident of this id." };
