import type { RequestHandler } from "express";
import { z } from "zod";
import { parseMoney } from "../../incident/money.ts";
import type { Log } from "../../incident/ports.ts";
import { alreadyRecovering, presentRecovery } from "../../incident/present-recovery.ts";
import { person } from "../../incident/who-and-why.ts";
import { type AskRecoveryPorts, askRecovery } from "../../recover/ask-recovery.ts";
import { type WaitingForPorts, waitingFor } from "../../recover/order.ts";
import { whatIsNext } from "../../recover/what-is-next.ts";
import type { Settings } from "../../settings/settings.ts";
import { invalidBody } from "../problem.ts";
import { readIncidentId } from "./incident-id.ts";

export type IncidentRecoveryPorts = AskRecoveryPorts &
  WaitingForPorts & { settings: Pick<Settings, "recovery">; log: Log };

const said = (what: string, most: number) =>
  z.string(what).trim().min(1, what).max(most, `must be at most ${most} characters`);

const cap = z
  .string()
  .refine((text) => text === "none" || (parseMoney(text) ?? -1n) >= 0n, 'must be an amount such as 500.00, or "none"');

const order = z.strictObject({
  by: person.by,
  rootCause: person.rootCause,
  fix: person.fix,
  caps: z.strictObject({ daily: cap, monthly: cap }, 'must be {"daily","monthly"}, amounts or "none"').optional(),
  acceptReputation: said("must say why a reputation that fell is accepted", 2_000).optional(),
});

/**
 * POST /api/incidents/:id/recover (R1): 202 with what happens next; what follows is worked by the recovery worker. 200 where it was
 * asked before: by whom and how far it is, and that nothing was changed.
 */
export function recover(ports: IncidentRecoveryPorts): RequestHandler {
  return async (req, res) => {
    const body = order.safeParse(req.body ?? {});
    if (!body.success)
      return invalidBody(res, body.error, "Say who recovers the incident, what was wrong, and how it was mended.");
    const incidentId = readIncidentId(req, res);
    if (incidentId === undefined) return;
    const status = await askRecovery(ports, { incidentId, ...body.data });
    const incident = await ports.incidents.load(incidentId);
    if (status === "running" && incident) {
      ports.log.info({ incidentId, by: body.data.by, status }, "recovery.asked-again");
      res.json({ incidentId, status, next: alreadyRecovering(incident), recovery: presentRecovery(incident) });
      return;
    }
    const waitsFor = incident ? await waitingFor(ports, incident) : [];
    ports.log.info({ incidentId, by: body.data.by, status, waitsFor }, "recovery.asked");
    res.status(202).json({ incidentId, status, waitsFor, next: whatIsNext(ports.settings.recovery, waitsFor) });
  };
}
