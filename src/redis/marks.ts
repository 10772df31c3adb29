import { canonicalJson, keptInLedger } from "../incident/ledger.ts";
import type { Mark, Marks } from "../incident/marks.ts";
import { jsonText } from "../incident/well-formed.ts";
import { type RedisConnection, redisError, runScript } from "./connection.ts";
import { keys, tagKey } from "./keys.ts";
import { partitionOfId } from "./partitions.ts";

/** Marks lie in the slot of the incident that left them, where its end can be seen in the same act; reading them asks every partition. */
export function createMarks(redis: RedisConnection, partitions: number): Marks {
  const reading = <T>(promise: Promise<T>) => promise.catch((error) => Promise.reject(redisError(error)));
  const all = Array.from({ length: partitions }, (_, partition) => partition);
  return {
    async leave(kind, whom, mark) {
      const text = canonicalJson(mark);
      const args = [mark.incidentId, kind, whom, mark.what, text, keptInLedger(text)];
      return (await runScript<number>(redis, "leaveMark", tagKey(partitionOfId(mark.incidentId)), args)) === 1;
    },
    async on(kind, whom) {
      const found = await reading(Promise.all(all.map((partition) => redis.hvals(keys.marks(partition, kind, whom)))));
      return found.flat().map((text) => JSON.parse(text) as Mark);
    },
    async leftBy(incidentId, kind) {
      const found = await reading(redis.smembers(keys.marked(partitionOfId(incidentId), incidentId, kind)));
      return found.sort().map((member) => {
        const [what = "", ...whom] = member.split(" ");
        return { what, whom: whom.join(" ") };
      });
    },
    async withdraw(kind, whom, mark) {
      const args = [mark.incidentId, kind, whom, mark.what, jsonText({ ...mark, withdrawn: true })];
      await runScript(redis, "withdrawMark", tagKey(partitionOfId(mark.incidentId)), args);
    },
    async forget(kind, whom, mark) {
      const args = [mark.incidentId, kind, whom, mark.what];
      await runScript(redis, "forgetMark", tagKey(partitionOfId(mark.incidentId)), args);
    },
  };
}
