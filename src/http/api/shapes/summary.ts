import { z } from "zod";
import { signalKinds } from "../../../incident/signal.ts";
import { dollarsShape, incidentShape } from "./incident.ts";
import { recoveryStateShape } from "./recovery.ts";
import { count } from "./time.ts";

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
  standDown: true,
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

const risk = dollarsShape.pick({ atRisk: true, isCounted: true });

/** All that is open, in one look. */
export const overviewShape = z
  .object({
    open: count.meta({ description: "in earnest; dry runs are counted apart" }),
    bleeding: count.meta({ description: "of these, no freeze holds yet, and money can go on running out" }),
    unattended: count.meta({ description: "of these, urgent, and nobody has it" }),
    risk,
    dryRuns: z.object({ open: count, risk }),
  })
  .meta({ id: "Overview" });
