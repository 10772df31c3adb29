import { z } from "zod";
import { amount, time } from "./time.ts";

/** One agent in one line. */
export const fleetAgentShape = z
  .object({
    agentId: z.string(),
    wallet: z.string().nullable(),
    state: z
      .enum(["free", "trouble", "frozen", "halved", "restricted", "recovering"])
      .meta({ description: "trouble: an incident is open that does not hold it, or not yet" }),
    recoveringPercent: z.number().nullable(),
    spent: z.object({
      last5Min: amount,
      lastHour: amount,
      lastDay: amount,
      isWhole: z.boolean().meta({ description: "false: more may have been spent in the last day than is kept" }),
    }),
    usualPerMinute: amount.nullable().meta({
      description: "the middle one of the minutes in which it spent, before any open trouble; null: too few to tell",
    }),
    caps: z.object({ daily: amount.nullable(), monthly: amount.nullable() }).nullable().meta({
      description:
        "as last seen before it was held; daily null: uncapped. The gateway counts fees against them, not what is spent",
    }),
    breaker: z.enum(["closed", "open", "half-open"]),
    incident: z.object({ id: z.string(), status: z.string(), priority: z.string() }).nullable(),
    why: z.string().nullable(),
    lastEventAt: time.nullable(),
  })
  .meta({ id: "FleetAgent" });
