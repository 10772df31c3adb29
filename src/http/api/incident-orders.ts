import { z } from "zod";
import type { Incidents, Log } from "../../incident/ports.ts";
import { alreadyRecovering, presentRecovery } from "../../incident/present-recovery.ts";
import { person } from "../../incident/who-and-why.ts";
import { type AcknowledgePorts, acknowledge } from "../../notify/acknowledge.ts";
import { type AskRecoveryPorts, askRecovery } from "../../recover/ask-recovery.ts";
import { type AskStandDownPorts, askStandDown } from "../../recover/ask-stand-down.ts";
import { type WaitingForPorts, waitingFor } from "../../recover/order.ts";
import { saidCaps } from "../../recover/said-caps.ts";
import { whatIsNext } from "../../recover/what-is-next.ts";
import { type Endpoint, endpoint, reply } from "../endpoint.ts";
import { incidentParams as params, noSuchIncident as unknown } from "./incident-id.ts";
import { presentAcknowledged } from "./present-acknowledged.ts";
import { acknowledgedShape, recoveringAlreadyShape, recoveryAskedShape, standDownAskedShape } from "./shapes/order.ts";

export interface IncidentOrdersPorts extends AcknowledgePorts, AskRecoveryPorts, AskStandDownPorts, WaitingForPorts {
  incidents: Pick<Incidents, "load" | "view" | "signals" | "beginStandDown">;
  settings: AskRecoveryPorts["settings"];
  caps: AskRecoveryPorts["caps"];
  verdicts: AcknowledgePorts["verdicts"];
  cascades: AcknowledgePorts["cascades"];
  dispatch: AcknowledgePorts["dispatch"];
  log: Log;
}

const change = { method: "post", tag: "incidents", role: "responder", params, unknown } as const;

const acceptReputation = "must say why a reputation that fell is accepted";

/** What a person decides about one incident. Asked twice each is done once. */
export const incidentOrderEndpoints: readonly Endpoint<IncidentOrdersPorts>[] = [
  endpoint({
    ...change,
    path: "/api/incidents/{id}/acknowledge",
    id: "acknowledgeIncident",
    summary: "Take it on: nobody else is woken",
    body: z.strictObject({ by: person.by }),
    says: "Say who takes it on.",
    answers: { 200: { what: "who has it, whoever that is by now", body: acknowledgedShape } },
    async act(ports: IncidentOrdersPorts, { params: { id: incidentId }, body: { by } }) {
      const found = await acknowledge(ports, incidentId, by);
      ports.log.info({ incidentId, asked: by, by: found.by, status: found.status }, "incident.acknowledged");
      return reply(200, presentAcknowledged(found));
    },
  }),
  endpoint({
    ...change,
    path: "/api/incidents/{id}/recover",
    id: "recoverIncident",
    freshLogin: true,
    summary: "It is mended: give the caps back step by step",
    body: z.strictObject({
      by: person.by,
      rootCause: person.rootCause,
      fix: person.fix,
      caps: saidCaps.optional(),
      uncapped: z.boolean().optional().meta({
        description:
          "there were no caps before, where nobody saw them: then `caps` is what percents below 100 are shares of",
        example: false,
      }),
      acceptReputation: z
        .string(acceptReputation)
        .trim()
        .min(1, acceptReputation)
        .max(2_000, "must be at most 2000 characters")
        .optional(),
    }),
    says: "Say who recovers the incident, what was wrong, and how it was mended.",
    answers: {
      200: { what: "somebody had asked before, and theirs counts: nothing was changed", body: recoveringAlreadyShape },
      202: { what: "asked: the recovery worker does the rest", body: recoveryAskedShape },
    },
    async act(ports: IncidentOrdersPorts, { params: { id: incidentId }, body }) {
      const status = await askRecovery(ports, { incidentId, ...body });
      const incident = await ports.incidents.load(incidentId);
      if (status === "running" && incident) {
        ports.log.info({ incidentId, by: body.by, status }, "recovery.asked-again");
        const recovery = presentRecovery(incident);
        return reply(200, { incidentId, status, next: alreadyRecovering(incident), recovery });
      }
      const waitsFor = incident ? await waitingFor(ports, incident) : [];
      ports.log.info({ incidentId, by: body.by, status, waitsFor }, "recovery.asked");
      return reply(202, { incidentId, status, waitsFor, next: whatIsNext(ports.settings.recovery, waitsFor) });
    },
  }),
  endpoint({
    ...change,
    path: "/api/incidents/{id}/stand-down",
    id: "standDownIncident",
    freshLogin: true,
    summary: "It was a false alarm: put the recorded caps back and close it",
    body: z.strictObject({
      by: person.by,
      caps: saidCaps.optional(),
      reason: person.reason,
      joined: z.int().min(0).optional().meta({
        description: "how many signals of it you have seen: with others by now, such as another's order, it is 409",
        example: 1,
      }),
    }),
    says: "Say who stands the incident down, and why.",
    answers: { 202: { what: "asked: the recovery worker does the rest", body: standDownAskedShape } },
    async act(ports: IncidentOrdersPorts, { params: { id: incidentId }, body }) {
      const status = await askStandDown(ports, { incidentId, ...body });
      ports.log.info({ incidentId, by: body.by, status }, "stand-down.asked");
      return reply(202, { incidentId, status });
    },
  }),
];
