import type { Redis } from "ioredis";
import type { Mark, Marks } from "../incident/marks.ts";
import { redisError, runScript } from "./connection.ts";
import { keys, tagKey } from "./keys.ts";
import { partitionOfId } from "./partitions.ts";

/** Marks lie in the slot of the incident that left them, where its end can be seen in the same act; reading them asks every partition. */
export function createMarks(redis: Redis, partitions: number): Marks {
  const reading = <T>(promise: Promise<T>) => promise.catch((error) => Promise.reject(redisError(error)));
  const all = Array.from({ length: partitions }, (_, partition) => partition);
  const field = ({ incidentId, what }: Pick<Mark, "incidentId" | "what">) => `${incidentId} ${what}`;
  return {
    async leave(kind, whom, mark) {
      const args = [mark.incidentId, kind, whom, mark.what, JSON.stringify(mark)];
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
      const key = keys.marks(partitionOfId(mark.incidentId), kind, whom);
      await reading(redis.hset(key, field(mark), JSON.stringify({ ...mark, withdrawn: true })));
    },
    async forget(kind, whom, mark) {
      const partition = partitionOfId(mark.incidentId);
      // The list goes last: what is not in it is nobody's to take back any more.
      await reading(redis.hdel(keys.marks(partition, kind, whom), field(mark)));
      await reading(redis.srem(keys.marked(partition, mark.incidentId, kind), `${mark.what} ${whom}`));
    },
  };
}
