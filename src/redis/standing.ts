import type { Standing } from "../incident/standing.ts";
import { type RedisConnection, redisError, runScript } from "./connection.ts";
import { keys, tagKey } from "./keys.ts";
import { partitionOf } from "./partitions.ts";

/** An agent that nobody has read for so long starts with a new baseline: 400 days, as long as anything is kept. */
const RETENTION_MS = 400 * 86_400_000;

export function createStanding(redis: RedisConnection, partitions: number): Standing {
  return {
    async observe(agentId, { score, at, eventId }) {
      const args = [agentId, score, Math.round(at), eventId, RETENTION_MS];
      const tag = tagKey(partitionOf(agentId, partitions));
      const [first, firstAt, lowest, lowestAt, lowestEvent, zeroAt, zeroEvent, ...rest] = await runScript<Twelve>(
        redis,
        "observeStanding",
        tag,
        args,
      );
      const [accepted, acceptedAt, against, epoch, observed] = rest;
      return {
        ...readKnown(first, firstAt, accepted, acceptedAt, against),
        lowest: lowest === "" ? null : { score: Number(lowest), at: Number(lowestAt), eventId: lowestEvent },
        zero: zeroAt === "" ? null : { score: 0, at: Number(zeroAt), eventId: zeroEvent },
        epoch: Number(epoch),
        observed: Number(observed),
      };
    },
    async known(agentId) {
      const key = keys.standing(partitionOf(agentId, partitions), agentId);
      const [first, firstAt, ...accepted] = await redis
        .hmget(key, "first", "firstAt", "accepted", "acceptedAt", "against")
        .catch((error) => Promise.reject(redisError(error)));
      const [score, at, against] = accepted.map((text) => text ?? "");
      return readKnown(first ?? "", firstAt ?? "", score!, at!, against!);
    },
  };
}

type Twelve = [string, string, string, string, string, string, string, string, string, string, string, string];

function readKnown(first: string, firstAt: string, accepted: string, acceptedAt: string, against: string) {
  return {
    first: first === "" ? null : { score: Number(first), at: Number(firstAt) },
    accepted: accepted === "" ? null : { score: Number(accepted), at: Number(acceptedAt), against: Number(against) },
  };
}
