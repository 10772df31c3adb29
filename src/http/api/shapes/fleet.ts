import { z } from "zod";
import { priority, status } from "./incident.ts";
import { count, time } from "./time.ts";

const agent = z.object({
  agentId: z.string(),
  wallet: z.string().nullable(),
  held: z.enum(["frozen", "halved", "restricted"]).nullable(),
  isFrozen: z.boolean(),
  incident: z
    .object({ id: z.string(), status, priority, runbook: z.string(), cascadeId: z.string().nullable() })
    .nullable(),
  recoveringPercent: z.number().nullable().meta({ description: "null: it is not recovering" }),
});

const approval = z.object({
  id: z.string(),
  kind: z.enum(["shutdown", "freezes"]),
  what: z.string(),
  askedAt: time,
  agents: z.array(z.string()),
});

/** The fleet at one look (P4). */
export const fleetShape = z
  .object({
    mode: z.enum(["act", "observe"]),
    agents: z.array(agent),
    shutdown: z
      .object({
        ...{ id: z.string(), by: z.string(), reason: z.string(), at: time, agents: count },
        notReached: z.array(z.string()).meta({
          description: "known agents that it does not hold, and that have no open incident of their own",
        }),
      })
      .nullable(),
    approvals: z.array(approval).meta({ description: "what waits for a person's word, oldest first" }),
    automaticFreezes: z.object({ lastHour: count, limit: count }),
  })
  .meta({ id: "Fleet" });

export const shutdownShape = z.object({
  id: z.string(),
  agents: z.array(z.string()),
  notReached: z.array(z.string()).meta({
    description: "known agents that are not frozen by it: no settings name them, and none has an open incident",
  }),
});

export const resumedShape = z.object({
  released: z.array(z.string()),
  untouched: z.array(z.string()),
  left: z.array(z.object({ agentId: z.string(), why: z.string() })),
});
