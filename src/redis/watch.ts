import type { AgentWatch, Begun, LookMemory } from "../incident/watch.ts";
import { jsonText } from "../incident/well-formed.ts";
import { type RedisConnection, redisError, runScript } from "./connection.ts";
import { keys, tagKey } from "./keys.ts";
import { partitionOf } from "./partitions.ts";

/** Longer than an event's identity is remembered (7 d): a count that began anew would make new events look like old ones. */
const RETENTION_MS = 10 * 86_400_000;
const FOREIGN_MS = 86_400_000;

export function createAgentWatch(redis: RedisConnection, partitions: number): AgentWatch {
  const at = (agentId: string) => partitionOf(agentId, partitions);
  const tag = (agentId: string) => tagKey(at(agentId));
  const reading = <T>(promise: Promise<T>) => promise.catch((error) => Promise.reject(redisError(error)));
  return {
    async begin(agentId, owner, { leaseMs, gapMs }) {
      const reply = await runScript<readonly (string | number)[]>(redis, "beginLook", tag(agentId), [
        agentId,
        owner,
        leaseMs,
        gapMs,
        RETENTION_MS,
      ]);
      return readBegun(reply);
    },
    async end(agentId, owner, { memory, isWhole, told, forgotten }) {
      const kept = await runScript<number>(redis, "endLook", tag(agentId), [
        agentId,
        owner,
        jsonText(memory),
        isWhole ? "1" : "0",
        RETENTION_MS,
        told.length,
        ...told.flatMap(({ id, createdAt }) => [id, createdAt ?? ""]),
        ...forgotten,
      ]);
      return kept === 1;
    },
    async release(agentId, owner) {
      await runScript(redis, "releaseLook", tag(agentId), [agentId, owner]);
    },
    async told(agentId) {
      const rows = await reading(redis.hgetall(keys.watchTold(at(agentId), agentId)));
      return new Map(Object.entries(rows).map(([id, createdAt]) => [id, createdAt === "" ? null : Number(createdAt)]));
    },
    looked: (agentIds) =>
      Promise.all(
        agentIds.map(async (agentId) => {
          const fields = redis.hmget(keys.watch(at(agentId), agentId), "beganAt", "wholeAt", "since");
          const [beganAt, wholeAt, since] = await reading(fields);
          return { beganAt: Number(beganAt ?? since ?? 0), wholeAt: Number(wholeAt ?? since ?? 0) };
        }),
      ),
    memories: (agentIds) =>
      Promise.all(
        agentIds.map(async (agentId) => {
          const memory = await reading(redis.hget(keys.watch(at(agentId), agentId), "memory"));
          return memory ? (JSON.parse(memory) as LookMemory) : null;
        }),
      ),
    async enlist(agentIds) {
      const [seconds] = await reading(redis.time());
      const now = Number(seconds) * 1000;
      await Promise.all(
        agentIds.map((agentId) => reading(redis.hsetnx(keys.watch(at(agentId), agentId), "since", String(now)))),
      );
    },
    async heard(agentId, what) {
      if (what.length === 0) return new Set();
      const scores = await reading(redis.zmscore(keys.watchHeard(at(agentId), agentId), ...what));
      return new Set(what.filter((_, index) => scores[index] !== null));
    },
    async ownActions(agentId, actionKeys) {
      const found = await Promise.all(
        actionKeys.map((action) => reading(redis.exists(keys.action(at(agentId), action)))),
      );
      return new Set(actionKeys.filter((_, index) => found[index] === 1));
    },
    async recovering() {
      const [seconds] = await reading(redis.time());
      const now = Number(seconds) * 1000;
      const lists = await Promise.all(
        Array.from({ length: partitions }, (_, partition) => reading(tightSince(redis, partition, now))),
      );
      return new Map(lists.flat());
    },
    async seenAgents(limit = Number.POSITIVE_INFINITY) {
      if (limit === 0) return [];
      const last = Number.isFinite(limit) ? limit - 1 : -1;
      const lists = await Promise.all(
        Array.from({ length: partitions }, (_, partition) =>
          reading(redis.zrevrange(keys.seenAgents(partition), 0, last, "WITHSCORES")),
        ),
      );
      const pairs = lists.flatMap((list) =>
        list.flatMap((id, i) => (i % 2 ? [] : [[id, Number(list[i + 1])] as const])),
      );
      return pairs
        .sort((a, b) => b[1] - a[1])
        .slice(0, limit)
        .map(([agentId]) => agentId);
    },
    async heardAt(agentIds) {
      const byPartition = [...Map.groupBy(agentIds, at)];
      const found = byPartition.map(async ([partition, ids]) => {
        const scores = await reading(redis.zmscore(keys.seenAgents(partition), ...ids));
        return ids.flatMap((id, index) => (scores[index] ? [[id, Number(scores[index])] as const] : []));
      });
      return new Map((await Promise.all(found)).flat());
    },
    async disown(agentId) {
      await reading(redis.set(keys.watchForeign(at(agentId), agentId), "1", "PX", FOREIGN_MS));
      await reading(redis.zrem(keys.seenAgents(at(agentId)), agentId));
    },
  };
}

/** An agent that is back on other days' terms is forgotten, so that the next time counts anew. */
async function tightSince(redis: RedisConnection, partition: number, now: number): Promise<[string, number][]> {
  const tight = keys.watchTight(partition);
  const [recovering, known] = await Promise.all([
    redis.zrange(keys.recovering(partition), "0", "-1"),
    redis.zrange(tight, "0", "-1", "WITHSCORES"),
  ]);
  const since = new Map(known.flatMap((id, i) => (i % 2 ? [] : [[id, Number(known[i + 1])] as const])));
  const news = recovering.filter((id) => !since.has(id));
  const gone = [...since.keys()].filter((id) => !recovering.includes(id));
  if (news.length > 0) await redis.zadd(tight, "NX", ...news.flatMap((id) => [String(now), id]));
  if (gone.length > 0) await redis.zrem(tight, ...gone);
  return recovering.map((id) => [id, since.get(id) ?? now]);
}

function readBegun([answer, now, since, held, memory]: readonly (string | number)[]): Begun {
  if (answer !== "begun") return { answer: answer as "busy" | "too-soon" };
  return {
    answer,
    now: Number(now),
    watchedSince: Number(since),
    isHeld: held === "1",
    memory: memory ? (JSON.parse(String(memory)) as LookMemory) : null,
  };
}
