import type { Redis } from "ioredis";
import type { Standing } from "../incident/standing.ts";
import { redisError, runScript } from "./connection.ts";
import { keys, tagKey } from "./keys.ts";
import { partitionOf } from "./partitions.ts";

/** An agent that nobody has read for so long starts with a new baseline: 400 days, as long as anything is kept. */
const RETENTION_MS = 400 * 86_400_000;

export function createStanding(redis: Redis, partitions: number): Standing {
  return {
    async observe(agentId, { score, at, eventId }) {
      const [first, firstAt, lowest, lowestAt, lowestEvent, zeroAt, zeroEvent, epoch, observed] = await runScript<
        [string, string, string, string, string, string, string, string, string]
      >(redis, "observeStanding", tagKey(partitionOf(agentId, partitions)), [
        agentId,
        score,
        Math.round(at),
        eventId,
        RETENTION_MS,
      ]);
      return {
        first: first === "" ? null : { score: Number(first), at: Number(firstAt) },
        lowest: lowest === "" ? null : { score: Number(lowest), at: Number(lowestAt), eventId: lowestEvent },
        zero: zeroAt === "" ? null : { score: 0, at: Number(zeroAt), eventId: zeroEvent },
        epoch: Number(epoch),
        observed: Number(observed),
      };
    },
    async first(agentId) {
      const key = keys.standing(partitionOf(agentId, partitions), agentId);
      const first = await redis.hget(key, "first").catch((error) => Promise.reject(redisError(error)));
      return first === null ? null : Number(first);
    },
  };
}
