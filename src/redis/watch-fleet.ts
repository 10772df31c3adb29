import type { Redis } from "ioredis";
import type { BusCursor, FleetWatch, WebhookState } from "../incident/watch.ts";
import { redisError } from "./connection.ts";
import { keys } from "./keys.ts";

/** What polling knows of the whole fleet: a few fields of one hash, each written by one duty. */
export function createFleetWatch(redis: Redis): FleetWatch {
  const key = keys.fleetWatch();
  const asked = <T>(promise: Promise<T>) => promise.catch((error) => Promise.reject(redisError(error)));
  const load = async <T>(field: string): Promise<T | null> => {
    const json = await asked(redis.hget(key, field));
    return json ? (JSON.parse(json) as T) : null;
  };
  return {
    busCursor: () => load<BusCursor>("bus"),
    async moveBusCursor(cursor) {
      await asked(redis.hset(key, "bus", JSON.stringify(cursor)));
    },
    webhooks: () => load<WebhookState>("webhooks"),
    async seeWebhooks(state) {
      if (state === null) await asked(redis.hdel(key, "webhooks"));
      else {
        const before = await load<WebhookState>("webhooks");
        const registeredSince = before?.registeredSince ?? state.registeredSince;
        await asked(redis.hset(key, "webhooks", JSON.stringify({ ...state, registeredSince })));
      }
    },
    async pingedAt() {
      return Number((await asked(redis.get(keys.ping()))) ?? 0);
    },
    async countFailure(check, failed) {
      if (failed) return asked(redis.hincrby(key, `failed:${check}`, 1));
      await asked(redis.hdel(key, `failed:${check}`));
      return 0;
    },
    async countSilence(agentId, count) {
      await asked(redis.hincrby(keys.silence(), agentId, count));
    },
    async takeSilence(everyMs) {
      const gathered = await asked(redis.hgetall(keys.silence()));
      if (Object.keys(gathered).length === 0) return new Map();
      if ((await asked(redis.set(keys.silenceTold(), "1", "PX", everyMs, "NX"))) !== "OK") return new Map();
      // What is counted between the two is counted for nothing but the figure: the next hour tells of it.
      await asked(redis.del(keys.silence()));
      return new Map(Object.entries(gathered).map(([agentId, count]) => [agentId, Number(count)]));
    },
  };
}
