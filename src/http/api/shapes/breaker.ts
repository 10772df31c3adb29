import { z } from "zod";
import { count } from "./time.ts";

/** What an agent is told (docs/breaker.md). */
export const breakerShape = z
  .object({
    agentId: z.string(),
    state: z.enum(["closed", "open", "half-open"]),
    mayProceed: z.boolean(),
    probe: z
      .string()
      .nullable()
      .meta({ description: "to be sent back with the outcome of the one call it was given for" }),
    retryAfterMs: count.nullable().meta({ description: "0: now; null: nobody can say" }),
    reason: z.string(),
  })
  .meta({ id: "Breaker" });

export const reportedShape = z.object({
  agentId: z.string(),
  answer: z.enum(["counted", "opened", "closed", "ignored"]),
  failures: count.meta({ description: "in a row" }),
});

export const resetShape = z.object({ agentId: z.string(), answer: z.enum(["reset", "was-not-open"]) });
