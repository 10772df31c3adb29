import { z } from "zod";
import { count, time } from "./time.ts";

const result = z.object({
  drill: z.string(),
  verdict: z.enum(["passed", "failed"]),
  durationMs: count,
  score: z.record(z.string(), z.unknown()).meta({ description: "as `tourniquet drill --json` prints it" }),
});

/** One run of one drill or more. */
export const drillRunShape = z
  .object({
    id: z.string(),
    wanted: z.array(z.string()),
    by: z.string(),
    via: z.enum(["api", "cli"]),
    version: z.string(),
    state: z
      .enum(["running", "passed", "failed", "interrupted"])
      .meta({ description: "interrupted: whoever ran it died or was stopped before it was over" }),
    startedAt: time,
    endedAt: time.nullable(),
    results: z.array(result).meta({ description: "of those that are over, in the order in which they came out" }),
    problem: z.string().nullable().meta({ description: "why it came to nothing" }),
  })
  .meta({ id: "DrillRun" });
