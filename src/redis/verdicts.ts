import { troubleIn } from "../incident/trouble.ts";
import type { KeptVerdict, Verdict, Verdicts } from "../incident/verdict.ts";
import { jsonText } from "../incident/well-formed.ts";
import { type RedisConnection, redisError, runScript } from "./connection.ts";
import { type Key, keys, tagKey } from "./keys.ts";
import { pageOfNewest } from "./newest.ts";
import { partitionOf } from "./partitions.ts";

const RETENTION_MS = 7 * 86_400_000;
/** What happened longer ago is recorded, and nobody acts on it (guarantees.md section 8). */
const RECORD_ONLY_MS = 86_400_000;
/** Per partition: enough to look back over a bad night. */
const MOST_RECENT = 1_000;

export function createVerdicts(redis: RedisConnection, partitions: number): Verdicts {
  const reading = <T>(promise: Promise<T>) => promise.catch((error) => Promise.reject(redisError(error)));
  const load = async (partition: number, signalId: string): Promise<KeptVerdict | null> =>
    toVerdict(await reading(redis.hmget(keys.verdict(partition, signalId), "json", "at", "incident")));
  const loadAll = async (partition: number, ids: readonly string[]): Promise<KeptVerdict[]> =>
    (await Promise.all(ids.map((id) => load(partition, id)))).filter((verdict) => verdict !== null);
  const newest = async (partition: number, list: Key, limit: number) =>
    loadAll(partition, await reading(redis.zrevrange(list, 0, limit - 1)));
  return {
    async keep(verdict) {
      const { signal } = verdict;
      const reply = await runScript<string[]>(redis, "keepVerdict", tagKey(partitionOf(signal.agentId, partitions)), [
        signal.id,
        signal.agentId,
        Math.round(signal.occurredAt),
        jsonText(verdict),
        RETENTION_MS,
        MOST_RECENT,
        troubleIn(signal),
        RECORD_ONLY_MS,
      ]);
      return toVerdict(reply)!;
    },
    load: (agentId, signalId) => load(partitionOf(agentId, partitions), signalId),
    async between(agentId, fromMs, untilMs) {
      const partition = partitionOf(agentId, partitions);
      return loadAll(
        partition,
        await reading(redis.zrangebyscore(keys.verdictsOf(partition, agentId), Math.floor(fromMs), Math.ceil(untilMs))),
      );
    },
    page: (which) => {
      const lists = Array.from({ length: partitions }, (_, partition) => keys.verdicts(partition));
      return pageOfNewest(redis, lists, which, (places) => Promise.all(places.map(({ id, list }) => load(list, id))));
    },
    async recent(limit) {
      const all = await Promise.all(
        Array.from({ length: partitions }, (_, partition) => newest(partition, keys.verdicts(partition), limit)),
      );
      return all
        .flat()
        .sort((a, b) => b.keptAt - a.keptAt)
        .slice(0, limit);
    },
  };
}

/** Fields json, at, incident. Null where only an incident's mark is there, or nothing. What was withdrawn (redis/fleet.ts) has no incident. */
function toVerdict([json, at, incident]: readonly (string | null)[]): KeptVerdict | null {
  if (!json) return null;
  return {
    ...(JSON.parse(json) as Verdict),
    keptAt: Number(at),
    incidentId: incident?.startsWith("inc-") ? incident : null,
  };
}
