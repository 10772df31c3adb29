import { z } from "zod";
import { recoveryShape } from "./recovery.ts";
import { time } from "./time.ts";

/** Who has an incident. */
export const acknowledgedShape = z
  .object({
    incidentId: z.string(),
    status: z
      .enum(["acknowledged", "acknowledged-before"])
      .meta({ description: "before: it stays with whoever had it" }),
    by: z.string(),
    at: time,
  })
  .meta({ id: "Acknowledged" });

export const cascadeAcknowledgedShape = z.object({
  cascadeId: z.string(),
  incidents: z.array(acknowledgedShape),
});

export const standDownAskedShape = z.object({
  incidentId: z.string(),
  status: z.enum(["begun", "running"]).meta({ description: "running: somebody had asked before" }),
});

export const recoveryAskedShape = z.object({
  incidentId: z.string(),
  status: z.enum(["asked", "running"]),
  waitsFor: z.array(z.string()).meta({ description: "incidents whose first rung must stand before" }),
  next: z.string().meta({ description: "what follows, in words" }),
});

export const recoveringAlreadyShape = z.object({
  incidentId: z.string(),
  status: z.literal("running"),
  next: z.string(),
  recovery: recoveryShape.nullable(),
});
