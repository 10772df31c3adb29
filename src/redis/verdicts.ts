import type { Redis } from "ioredis";
import type { Verdict, Verdicts } from "../incident/ports.ts";
import { redisError } from "./connection.ts";
import { keys } from "./keys.ts";
import { partitionOf } from "./partitions.ts";

const RETENTION_SECONDS = 7 * 86_400;

export function createVerdicts(redis: Redis, partitions: number): Verdicts {
  const load: Verdicts["load"] = async (agentId, signalId) => {
    const text = await redis
      .get(keys.verdict(partitionOf(agentId, partitions), signalId))
      .catch((error) => Promise.reject(redisError(error)));
    return text ? (JSON.parse(text) as Verdict) : null;
  };
  return {
    async keep(verdict) {
      const { signal } = verdict;
      const key = keys.verdict(partitionOf(signal.agentId, partitions), signal.id);
      const reply = await redis
        .set(key, JSON.stringify(verdict), "EX", RETENTION_SECONDS, "NX")
        .catch((error) => Promise.reject(redisError(error)));
      return reply === "OK" ? verdict : ((await load(signal.agentId, signal.id)) ?? verdict);
    },
    load,
  };
}
