import { z } from "zod";
import { errorCodes } from "../../../errors.ts";
import { deadQueues } from "../../../incident/dead-letter.ts";
import { count, time } from "./time.ts";

export const queue = z.enum(deadQueues as [(typeof deadQueues)[number], ...(typeof deadQueues)[number][]]);
const cause = z.object({ code: z.enum(errorCodes), message: z.string() });

const replay = z.object({
  number: count,
  at: time,
  by: z.string(),
  reason: z.string(),
  cause: cause.meta({ description: "what the job had died of" }),
  failedAt: time,
  attempts: count,
  outcome: z.enum(["done", "failed-again", "in-hand", "not-begun"]),
  endedAt: time.nullable(),
  endCause: cause.nullable(),
});

const letter = {
  queue,
  id: z.string(),
  kind: z.string(),
  agentId: z.string().nullable(),
  incidentId: z.string().nullable(),
  eventId: z.string().nullable(),
  eventType: z.string().nullable(),
  state: z
    .enum(["failed", "completed", "active", "waiting", "delayed", "gone", "unknown"])
    .meta({ description: "failed: it is a dead letter" }),
  cause: cause.nullable(),
  attempts: count,
  addedAt: time,
  firstTriedAt: time.nullable(),
  failedAt: time.nullable(),
  replays: z.array(replay),
};

/** A job that failed for good (O4). */
export const deadLetterShape = z.object(letter).meta({ id: "DeadLetter" });

export const deadLetterHistoryShape = z
  .object({
    ...letter,
    data: z.record(z.string(), z.unknown()).meta({ description: "ids of what the job is about; its queue decides" }),
    stacks: z.array(z.string()),
    logs: z.array(z.string()),
  })
  .meta({ id: "DeadLetterHistory" });

export const replayedShape = z.object({
  dryRun: z.boolean(),
  results: z.array(
    z.object({
      queue,
      id: z.string(),
      answer: z.enum(["replayed", "would-replay", "being-replayed", "no-longer-failed", "too-old"]),
      detail: z.string(),
    }),
  ),
  more: z.boolean().meta({ description: "others match beyond the limit" }),
});
