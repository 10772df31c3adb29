import { z } from "zod";
import { amount, count, time } from "./time.ts";

const point = z.object({
  at: time,
  amount,
  total: amount.meta({ description: "since the beginning of the series, this included" }),
  spanMs: count.meta({ description: "0: one payment; else all of so many milliseconds from `at` on" }),
});

/** What the plot of an incident shows. */
export const spendShape = z
  .object({
    incidentId: z.string(),
    agentId: z.string(),
    from: time,
    until: time,
    points: z.array(point).meta({ description: "oldest first, at most 500" }),
    isWhole: z.boolean().meta({ description: "false: a part of what was spent meanwhile is not kept any more" }),
    keptUntil: time.nullable().meta({ description: "up to then it stands in the evidence" }),
    baseline: z
      .object({
        amount,
        perMs: count,
        samples: count,
        from: z.string().meta({ description: "the rule that measured it, or `minutes before`" }),
      })
      .nullable(),
    limits: z
      .array(
        z.object({
          what: z.enum(["warning", "critical"]),
          amount,
          perMs: count,
          signalId: z.string(),
          rule: z.string(),
        }),
      )
      .meta({ description: "thresholds as they were when it was concluded" }),
    requestedAt: time.nullable(),
    effectiveAt: time.nullable().meta({ description: "frozen at" }),
    containedAt: time.nullable(),
    afterFreeze: amount.meta({ description: "spent although the freeze was known to hold" }),
    rungs: z.array(
      z.object({
        at: time,
        what: z.enum(["rung-taken", "stepped-back"]),
        percent: z.number(),
        dailyCap: amount.nullable(),
        monthlyCap: amount.nullable(),
      }),
    ),
  })
  .meta({ id: "SpendSeries" });
