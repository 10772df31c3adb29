import type { StoredEvent } from "../incident/inbox.ts";
import { type RedisConnection, redisError } from "./connection.ts";
import { loadEvent } from "./inbox.ts";
import { keys, tagKey } from "./keys.ts";
import { nodeOf } from "./nodes.ts";

/** What the inbox still has: all of the last 7 days, of agents' telemetry that led to nothing the last 25 hours. */
export interface Recorded {
  /** Received since then (Redis time, milliseconds), in the order of arrival. */
  since(fromMs: number): AsyncGenerator<StoredEvent>;
}

/** Ids looked through, and events loaded, at once: no command of a product at work waits behind thousands. */
const AT_ONCE = 200;

/** Only reads. Ids and times are held in memory, bodies one batch at a time. */
export function createRecorded(redis: RedisConnection, partitions: number): Recorded {
  const reading = <T>(promise: Promise<T>) => promise.catch((error) => Promise.reject(redisError(error)));
  return {
    async *since(fromMs) {
      const found: { id: string; at: number }[] = [];
      for (let partition = 0; partition < partitions; partition += 1) {
        const prefix = keys.event(partition, "");
        // All of a partition is on one node.
        const node = nodeOf(redis, tagKey(partition));
        let cursor = "0";
        do {
          const [next, names] = await reading(node.scan(cursor, "MATCH", `${prefix}*`, "COUNT", AT_ONCE));
          cursor = next;
          const times = await reading(Promise.all(names.map((name) => redis.hget(name, "at"))));
          for (const [index, name] of names.entries())
            if (Number(times[index] ?? 0) >= fromMs)
              found.push({ id: name.slice(prefix.length), at: Number(times[index]) });
        } while (cursor !== "0");
      }
      // A scan may show a key twice.
      const inOrder = [...new Map(found.map((one) => [one.id, one])).values()].sort(
        (a, b) => a.at - b.at || (a.id < b.id ? -1 : 1),
      );
      for (let from = 0; from < inOrder.length; from += AT_ONCE) {
        const batch = inOrder.slice(from, from + AT_ONCE).map(({ id }) => loadEvent(redis, id));
        yield* (await Promise.all(batch)).filter((event) => event !== null);
      }
    },
  };
}
