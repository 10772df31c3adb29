import type { Request, RequestHandler, Response } from "express";
import { z } from "zod";
import type { Log } from "../../incident/ports.ts";
import { person } from "../../incident/who-and-why.ts";
import { type Acknowledged, type AcknowledgePorts, acknowledge, acknowledgeCascade } from "../../notify/acknowledge.ts";
import { invalidBody } from "../problem.ts";
import { readIncidentId } from "./incident-id.ts";

export type AcknowledgeApiPorts = AcknowledgePorts & { log: Log };

const body = z.strictObject({ by: person.by });

/** POST /api/incidents/:id/acknowledge (N2): 200 with who has it, whoever that is by now; 409 where it is over. */
export function acknowledgeIncident(ports: AcknowledgeApiPorts): RequestHandler {
  return async (req, res) => {
    const by = readBy(req, res);
    const incidentId = by === undefined ? undefined : readIncidentId(req, res);
    if (by === undefined || incidentId === undefined) return;
    const found = await acknowledge(ports, incidentId, by);
    ports.log.info({ incidentId, asked: by, by: found.by, status: found.status }, "incident.acknowledged");
    res.json(presentAcknowledged(found));
  };
}

/** POST /api/cascades/:id/acknowledge: every incident of it that is open. */
export function acknowledgeWholeCascade(ports: AcknowledgeApiPorts): RequestHandler {
  return async (req, res) => {
    const by = readBy(req, res);
    if (by === undefined) return;
    const { cascadeId, incidents } = await acknowledgeCascade(ports, String(req.params.id), by);
    ports.log.info({ cascadeId, by, incidents: incidents.length }, "cascade.acknowledged");
    res.json({ cascadeId, incidents: incidents.map(presentAcknowledged) });
  };
}

function readBy(req: Request, res: Response): string | undefined {
  const said = body.safeParse(req.body ?? {});
  if (said.success) return said.data.by;
  invalidBody(res, said.error, "Say who takes it on.");
  return undefined;
}

export function presentAcknowledged({ incidentId, status, by, at }: Acknowledged) {
  return { incidentId, status, by, at: new Date(at).toISOString() };
}
