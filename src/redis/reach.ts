import { TourniquetError } from "../errors.ts";
import { shownRedisAddress } from "../settings/redis-address.ts";
import { type RedisConnection, redisError } from "./connection.ts";

/** How long a start waits for Redis before it says what is wrong and ends. */
const START_DEADLINE_MS = 10_000;

/** Resolves when Redis answers; throws redis-unavailable with what to do about it. */
export async function reachRedis(
  redis: RedisConnection,
  url: string,
  withinMs: number = START_DEADLINE_MS,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      await Promise.race([redis.ping(), rejectAfter(2_000)]);
      return;
    } catch (error) {
      if (performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 250));
      else
        throw new TourniquetError(
          "redis-unavailable",
          `Redis does not answer at ${shownRedisAddress(url)} (${saidBy(error)}): start it, or set REDIS_URL`,
        );
    }
  }
}

const saidBy = (error: unknown): string => redisError(error).message.replace(/^Redis does not answer: /, "");

const rejectAfter = (ms: number) =>
  new Promise<never>((_, reject) => setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms).unref());
