import { z } from "zod";
import { gates } from "../../../incident/recovery.ts";
import { amount, count, time } from "./time.ts";

const stages = ["none", "asked", "recovering", "resolved", "superseded", "stood-down"] as const;

/** How far an incident is on its way back. */
export const recoveryStateShape = z
  .object({
    stage: z.enum(stages),
    percent: z.number().nullable().meta({ description: "of the caps from before; null until the first rung stands" }),
  })
  .meta({ id: "RecoveryState" });

const gate = z.enum(gates);
const caps = { dailyCap: amount.nullable(), monthlyCap: amount.nullable() };

const rung = z.object({
  afterMs: count,
  percent: z.number(),
  ...caps,
  status: z.enum(["done", "stands", "next", "ahead", "not-taken"]),
});

const nextStep = z.discriminatedUnion("what", [
  z.object({ what: z.literal("gate"), gate, at: z.null() }),
  z.object({ what: z.literal("rung"), percent: z.number(), ...caps, at: time.nullable() }),
  z.object({ what: z.literal("end"), at: time.nullable() }),
]);

/** What is written over the recovery of one incident (R1 to R4). */
export const recoveryShape = z
  .object({
    ...recoveryStateShape.shape,
    by: z.string(),
    rootCause: z.string(),
    fix: z.string(),
    askedAt: time,
    gates: z.object({
      passed: z.array(z.object({ gate, at: time, found: z.record(z.string(), z.unknown()) })),
      missing: z.array(gate),
    }),
    rungs: z.array(rung),
    rungAt: time.nullable(),
    next: nextStep.nullable(),
    normalAt: time.nullable().meta({ description: "when it is resolved, if nothing comes in between" }),
    stepBacks: count,
    waitsFor: z.array(z.string()).meta({ description: "incidents whose first rung must stand before" }),
    stopped: z.enum(["relapsed", "caps-lowered"]).nullable(),
  })
  .meta({ id: "Recovery" });
