import type { Cause, Replay, Replays } from "../incident/dead-letter.ts";
import { jsonText } from "../incident/well-formed.ts";
import { type RedisConnection, redisError, runScript } from "./connection.ts";
import { keys, tagKey } from "./keys.ts";

/** As long as the ledger of actions, which is what makes a replay safe (G14). */
const RETENTION_MS = 400 * 86_400_000;
/** Between asking and the queue having it back lie three round trips. */
const BUSY_MS = 10_000;

type Kept = Omit<Replay, "number" | "outcome" | "endedAt" | "endCause">;

export function createReplays(redis: RedisConnection): Replays {
  const reading = <T>(promise: Promise<T>) => promise.catch((error) => Promise.reject(redisError(error)));
  return {
    async died(queue, partition, { maxAt, minAt, skip, count }) {
      const key = keys.failed(partition, queue);
      const [max, min] = [maxAt ?? "+inf", minAt ?? "-inf"];
      const found = await reading(redis.zrevrangebyscore(key, max, min, "WITHSCORES", "LIMIT", skip, count));
      return pairs(found).map(([id, failedAt]) => ({ id, failedAt: Number(failedAt) }));
    },
    async begin(partition, queue, id, { by, reason, cause, attempts }) {
      const text = jsonText({ by, reason, cause, attempts });
      const [answer, number] = await runScript<["begun" | "busy" | "not-failed", number]>(
        redis,
        "beginReplay",
        tagKey(partition),
        [queue, id, BUSY_MS, text, RETENTION_MS],
      );
      return { answer, number };
    },
    async end(partition, queue, id, number, cause) {
      const [seconds, micros] = await reading(redis.time());
      const endedAt = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
      const text = jsonText({ endedAt, endCause: cause });
      await reading(redis.hset(keys.replays(partition, queue, id), `${number}:end`, text));
    },
    async of(partition, queue, id) {
      const { count, ...found } = await reading(redis.hgetall(keys.replays(partition, queue, id)));
      return Array.from({ length: Number(count ?? 0) }, (_, index) => readReplay(index + 1, found));
    },
  };
}

function readReplay(number: number, found: Readonly<Record<string, string>>): Replay {
  const end = found[`${number}:end`];
  const { endedAt, endCause } =
    end === undefined
      ? { endedAt: null, endCause: null }
      : (JSON.parse(end) as { endedAt: number; endCause: Cause | null });
  const outcome = endedAt === null ? "in-hand" : endCause === null ? "done" : "failed-again";
  return { number, ...(JSON.parse(found[String(number)]!) as Kept), outcome, endedAt, endCause };
}

function pairs(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, index) => [flat[2 * index]!, flat[2 * index + 1]!]);
}
