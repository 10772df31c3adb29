import { z } from "zod";
import { signalKinds } from "../../../incident/signal.ts";
import { dollarsShape, incidentShape } from "./incident.ts";
import { recoveryStateShape } from "./recovery.ts";

const same = incidentShape.pick({
  id: true,
  agentId: true,
  status: true,
  priority: true,
  runbook: true,
  cascadeId: true,
  dryRun: true,
  deadlineMs: true,
  timeliness: true,
  receivedAt: true,
  openedAt: true,
  effectiveAt: true,
  containedAt: true,
  closedAt: true,
  sentence: true,
  decidedBy: true,
  isUnattended: true,
  acknowledged: true,
  supersededBy: true,
}).shape;

/** An incident as a list has it. */
export const summaryShape = z
  .object({
    ...same,
    dollars: dollarsShape,
    signals: z.array(z.enum(signalKinds)).meta({ description: "the kinds of them" }),
    recovery: recoveryStateShape,
  })
  .meta({ id: "IncidentSummary" });
