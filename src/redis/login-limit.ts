import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import type { LoginLimit } from "../incident/credentials.ts";
import { type RedisConnection, redisError } from "./connection.ts";
import { keys } from "./keys.ts";

export interface LoginRate {
  tries: number;
  everySec: number;
}

/** guarantees.md section 7: login 5/min/IP. Every try counts, also one that succeeds. */
const rate: LoginRate = { tries: 5, everySec: 60 };

/** Counted in Redis, and in this process alone while Redis is away: nobody can log in then, and nobody may guess either. */
export function createLoginLimit(redis: RedisConnection, { tries, everySec }: LoginRate = rate): LoginLimit {
  const counted = { points: tries, duration: everySec };
  const limiter = new RateLimiterRedis({
    ...counted,
    storeClient: redis,
    keyPrefix: keys.logins(),
    rejectIfRedisNotReady: true,
    insuranceLimiter: new RateLimiterMemory(counted),
  });
  return {
    async take(address) {
      try {
        await limiter.consume(address);
        return 0;
      } catch (refused) {
        if (refused instanceof RateLimiterRes) return Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
        throw redisError(refused);
      }
    },
  };
}
