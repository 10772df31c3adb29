import type { Drills } from "./incident/drills.ts";
import { connectRedis } from "./redis/connection.ts";
import { createDrills } from "./redis/drills.ts";
import { reachRedis } from "./redis/reach.ts";

/** A drill does not wait long for a Redis that it can do without. */
const WITHIN_MS = 2_000;

/** What drills came to, in the Redis of the product that is running: nothing else of it is opened. Throws redis-unavailable. */
export async function openDrillBook(redisUrl: string): Promise<{ drills: Drills; close(): void }> {
  // Whatever it meets with is told to whoever writes into it.
  const redis = connectRedis(redisUrl, "producer", () => undefined);
  const close = () => redis.disconnect();
  await reachRedis(redis, redisUrl, WITHIN_MS).catch((error: unknown) => {
    close();
    throw error;
  });
  return { drills: createDrills(redis), close };
}
