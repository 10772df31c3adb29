import { TourniquetError } from "../errors.ts";
import { readRedisAddress, shownRedisAddress } from "../settings/redis-address.ts";
import { type RedisConnection, redisError } from "./connection.ts";
import { whyNoCluster } from "./why-no-cluster.ts";

/** How long a start waits for Redis before it says what is wrong and ends. */
const START_DEADLINE_MS = 10_000;
/** A connection is there within some milliseconds of being opened: every command begins with this wait. */
const AGAIN_MS = 20;

/** Resolves when Redis answers; throws redis-unavailable with what to do about it. */
export async function reachRedis(
  redis: RedisConnection,
  url: string,
  withinMs: number = START_DEADLINE_MS,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  // What the connection itself met with says more than that a command could not be sent.
  let met: Error | undefined;
  const remember = (error: Error) => {
    met = error;
  };
  redis.on("error", remember);
  try {
    await answers(redis, url, deadline, () => met);
  } finally {
    redis.off("error", remember);
  }
}

async function answers(
  redis: RedisConnection,
  url: string,
  deadline: number,
  met: () => Error | undefined,
): Promise<void> {
  for (;;) {
    try {
      await Promise.race([redis.ping(), rejectAfter(2_000)]);
      return;
    } catch (error) {
      if (performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      else {
        const address = readRedisAddress(url);
        const why = address.kind === "cluster" ? await whyNoCluster(address) : null;
        throw new TourniquetError(
          "redis-unavailable",
          `Redis does not answer at ${shownRedisAddress(url)} (${why ?? saidBy(met() ?? error)}): start it, or set REDIS_URL`,
        );
      }
    }
  }
}

const saidBy = (error: unknown): string => redisError(error).message.replace(/^Redis does not answer: /, "");

const rejectAfter = (ms: number) =>
  new Promise<never>((_, reject) => setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms).unref());
