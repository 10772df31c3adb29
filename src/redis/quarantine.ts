import type { Quarantined } from "../incident/inbox.ts";
import { type RedisConnection, redisError } from "./connection.ts";
import { keys } from "./keys.ts";

/**
 * What is kept of deliveries that nobody could read, newest first. Each has the number that `rejected` had with it, so that a
 * page begins where the one before ended, whatever came or went meanwhile.
 */
export async function listQuarantine(
  redis: RedisConnection,
  { limit, before }: { limit: number; before: number | null },
): Promise<readonly Quarantined[]> {
  const from = before === null ? 0 : Math.max(0, (await newestNumber(redis)) - before + 1);
  const replies = await redis
    .multi()
    .hget(keys.intake(0), "rejected")
    .lrange(keys.quarantine(0), from, from + limit - 1)
    .exec()
    .catch((error) => Promise.reject(redisError(error)));
  const [rejected, lines] = (replies ?? []).map(([, reply]) => reply) as [string | null, string[]];
  const entries = lines.map((line, index) => ({ number: Number(rejected ?? 0) - from - index, ...JSON.parse(line) }));
  // What came in between moved the others on.
  return before === null ? entries : entries.filter(({ number }) => number < before);
}

async function newestNumber(redis: RedisConnection): Promise<number> {
  return Number(
    (await redis.hget(keys.intake(0), "rejected").catch((error) => Promise.reject(redisError(error)))) ?? 0,
  );
}
