import { TourniquetError } from "../errors.ts";
import { canonicalJson, digestOf } from "../incident/ledger.ts";
import type { PostMortem, PostMortems } from "../incident/post-mortem.ts";
import { type RedisConnection, redisError, runScript } from "./connection.ts";
import { keys, tagKey } from "./keys.ts";
import { partitionOfId } from "./partitions.ts";

export function createPostMortems(redis: RedisConnection): PostMortems {
  const key = (incidentId: string) => keys.postMortem(partitionOfId(incidentId), incidentId);
  const reading = <T>(promise: Promise<T>) => promise.catch((error) => Promise.reject(redisError(error)));
  return {
    async load(incidentId) {
      const text = await reading(redis.hget(key(incidentId), "json"));
      return text === null ? null : (JSON.parse(text) as PostMortem);
    },

    async keep(incidentId, postMortem) {
      const text = canonicalJson(postMortem);
      const detail = canonicalJson(digestOf(text));
      const args = [incidentId, text, detail];
      const stands = await runScript<string>(redis, "keepPostMortem", tagKey(partitionOfId(incidentId)), args);
      if (stands === "") throw new TourniquetError("not-found", `no incident ${incidentId}`);
      return JSON.parse(stands) as PostMortem;
    },

    isTold: async (incidentId) => (await reading(redis.hexists(key(incidentId), "toldAt"))) === 1,

    async told(incidentId) {
      const [seconds] = await reading(redis.time());
      await reading(redis.hsetnx(key(incidentId), "toldAt", Number(seconds) * 1000));
    },
  };
}
