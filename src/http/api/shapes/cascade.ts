import { z } from "zod";
import { signalKinds } from "../../../incident/signal.ts";
import { dollarsShape, status } from "./incident.ts";
import { recoveryStateShape } from "./recovery.ts";
import { severity } from "./signal.ts";
import { amount, time } from "./time.ts";

const member = z.object({
  agentId: z.string(),
  standing: z.enum(["freezing", "waiting", "over"]),
  incidentId: z.string().nullable(),
  status: status.nullable(),
  acknowledgedBy: z.string().nullable().meta({ description: "who has taken its incident on" }),
  recovery: recoveryStateShape.nullable(),
  signals: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(signalKinds),
      severity,
      at: time,
      z: z.number().nullable().meta({ description: "sigmas over its baseline; null where the rule knows none" }),
      outflow: amount,
    }),
  ),
});

/** Agents whose troubles belong together (RB5). */
export const cascadeShape = z
  .object({
    id: z.string(),
    status: z.enum(["open", "closed"]),
    openedAt: time,
    since: time.meta({ description: "when the first signal behind it happened" }),
    closedAt: time.nullable(),
    rootCause: z.object({ agentId: z.string(), why: z.string() }),
    members: z.array(member),
    edges: z.array(z.object({ from: z.string(), to: z.string(), why: z.string(), payer: z.string().optional() })),
    dollars: dollarsShape,
    recoveryOrder: z
      .array(z.object({ agentId: z.string(), after: z.array(z.string()) }))
      .meta({ description: "after: whose first rung stands before its own is taken" }),
  })
  .meta({ id: "Cascade" });
