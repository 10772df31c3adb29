import type { BusCursor, FleetWatch, WebhookState } from "../incident/watch.ts";
import { jsonText } from "../incident/well-formed.ts";
import { type RedisConnection, redisError } from "./connection.ts";
import { keys } from "./keys.ts";

/** What polling knows of the whole fleet: a few fields of one hash, each written by one duty. */
export function createFleetWatch(redis: RedisConnection, partitions: number): FleetWatch {
  const key = keys.fleetWatch();
  const asked = <T>(promise: Promise<T>) => promise.catch((error) => Promise.reject(redisError(error)));
  const load = async <T>(field: string): Promise<T | null> => {
    const json = await asked(redis.hget(key, field));
    return json ? (JSON.parse(json) as T) : null;
  };
  return {
    busCursor: () => load<BusCursor>("bus"),
    async moveBusCursor(cursor) {
      await asked(redis.hset(key, "bus", jsonText(cursor)));
    },
    webhooks: () => load<WebhookState>("webhooks"),
    async seeWebhooks(state) {
      if (state === null) await asked(redis.hdel(key, "webhooks"));
      else {
        const before = await load<WebhookState>("webhooks");
        const registeredSince = before?.registeredSince ?? state.registeredSince;
        await asked(redis.hset(key, "webhooks", jsonText({ ...state, registeredSince })));
      }
    },
    async pingedAt(webhookId) {
      // A ping is about no agent, so it lies in the first partition.
      const found = await asked(redis.hmget(keys.fed(0), `test.ping ${webhookId}`, "test.ping -"));
      return Math.max(...found.map((at) => Number(at ?? 0)));
    },
    async fed() {
      const hashes = Array.from({ length: partitions }, (_, partition) => redis.hgetall(keys.fed(partition)));
      const newest = new Map<string, number>();
      for (const [what, at] of (await asked(Promise.all(hashes))).flatMap(Object.entries<string>))
        newest.set(what, Math.max(newest.get(what) ?? 0, Number(at)));
      return newest;
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
