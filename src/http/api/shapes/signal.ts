import { z } from "zod";
import { signalKinds } from "../../../incident/signal.ts";
import { time } from "./time.ts";

export const severity = z.enum(["info", "warning", "critical"]);
export const tier = z.enum(["alert-human", "auto-contain", "full-shutdown"]);
const figures = z.record(z.string(), z.union([z.string(), z.number()]));

const why = z.object({
  rule: z.string(),
  ruleVersion: z.int(),
  sentence: z.string(),
  thresholds: figures,
  observed: figures,
  baseline: figures.nullable(),
  events: z.array(z.string()).meta({ description: "ids of the events that made it, oldest first, at most 50" }),
});

const signal = {
  id: z.string(),
  kind: z.enum(signalKinds),
  severity,
  agentId: z.string(),
  occurredAt: time.meta({ description: "of the newest event behind it" }),
  startedAt: time.optional().meta({ description: "of the oldest event behind it, where that is another" }),
  suspectPayee: z.string().nullable(),
  why,
};

/** As part of an incident. */
export const signalShape = z.object(signal).meta({ id: "Signal" });

/** With what was decided on it (D14). */
export const verdictShape = z
  .object({
    ...signal,
    decidedAt: time,
    tier: tier.nullable().meta({ description: "null: it is recorded, and nothing follows" }),
    decidedBy: z.string().meta({ description: "the line of policy, or the person" }),
    incidentId: z.string().nullable(),
    cascadeId: z.string().nullable(),
    eventId: z.string().nullable(),
    notActedOn: z.string().nullable().meta({ description: "why nothing followed where something was called for" }),
  })
  .meta({ id: "Verdict" });
