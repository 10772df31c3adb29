import { z } from "zod";
import { dispositions } from "../../../incident/event.ts";
import { count, time } from "./time.ts";

/** The accounting of G2: accepted = dispositions + pending. */
export const intakeShape = z
  .object({
    accepted: count,
    pending: count,
    dispositions: z.record(z.enum(dispositions), count),
    rejected: count.meta({ description: "authentic but invalid, answered 4xx, ever" }),
    quarantineSize: count,
    oldestPendingMs: z.number().nonnegative(),
  })
  .meta({ id: "Intake" });

/** An authentic delivery that could not be read (I3). */
export const quarantinedShape = z
  .object({
    number: count.meta({ description: "the how manieth it was, ever" }),
    at: time,
    status: z.int().meta({ description: "what its sender was answered" }),
    reason: z.string(),
    body: z.string().meta({ description: "its first 8 KB, as they came" }),
  })
  .meta({ id: "Quarantined" });
