import { setTimeout as after } from "node:timers/promises";
import type { Clock } from "../incident/ports.ts";
import { type RedisConnection, redisError } from "./connection.ts";

/** Redis's time is the time of the product: workers' own clocks differ (guarantees.md, conclusion 6). */
export function createClock(redis: RedisConnection): Clock {
  return {
    async now() {
      const [seconds, micros] = await redis.time().catch((error) => Promise.reject(redisError(error)));
      return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
    },
    async wait(ms, signal) {
      await after(ms, undefined, signal ? { signal } : {});
    },
  };
}
