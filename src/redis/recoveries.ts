import { canonicalJson, keptInLedger } from "../incident/ledger.ts";
import { type KeptRecovery, notBegun, type Recoveries, type RecoveryEntry } from "../incident/recovery.ts";
import { jsonText } from "../incident/well-formed.ts";
import { saidTexts } from "./caps.ts";
import { type RedisConnection, redisError, runScript } from "./connection.ts";
import { keys, tagKey } from "./keys.ts";
import { partitionOf, partitionOfId } from "./partitions.ts";

/** Recoveries lie in the hash of their incident, as one JSON text that only whole changes replace. */
export function createRecoveries(redis: RedisConnection, partitions: number): Recoveries {
  const reading = <T>(promise: Promise<T>) => promise.catch((error) => Promise.reject(redisError(error)));
  const tag = (incidentId: string) => tagKey(partitionOfId(incidentId));
  const field = (incidentId: string, name: string) =>
    reading(redis.hget(keys.incident(partitionOfId(incidentId), incidentId), name));
  const change = async (
    incidentId: string,
    from: KeptRecovery | null,
    to: KeptRecovery | null,
    statuses: string,
    entry: RecoveryEntry | null,
    warned: number | "" = "",
  ) => {
    const text = to === null ? "" : jsonText(to);
    const args = [incidentId, from?.change ?? "", text, statuses, entry?.what ?? "", ...textsOf(entry), warned];
    return (await runScript<number>(redis, "changeRecovery", tag(incidentId), args)) === 1;
  };
  return {
    async load(incidentId) {
      const text = await field(incidentId, "recovery");
      // One that an older version wrote lacks what came later.
      return text === null ? null : { ...notBegun, ...(JSON.parse(text) as KeptRecovery) };
    },
    ask: (incidentId, recovery, entry) => change(incidentId, null, recovery, "contained", entry),
    async change(incidentId, from, given, entry, { unlessWarned } = { unlessWarned: false }) {
      const to = { ...given, change: from.change + 1 };
      const warned = unlessWarned ? from.warned : "";
      return (await change(incidentId, from, to, "contained,containing,recovering", entry, warned)) ? to : null;
    },
    async withdraw(incidentId, from) {
      await change(incidentId, from, null, "contained,containing", null);
    },
    async begin(incidentId, from, to, entry, { joined, said = null }) {
      const agentId = (await field(incidentId, "agentId")) ?? "";
      const agent = await reading(redis.hmget(keys.agent(partitionOfId(incidentId), agentId), "epoch", "warned"));
      const [epoch, warned] = [Number(agent[0]) + 1, Number(agent[1])];
      const text = jsonText({ ...to, epoch, warned, change: from.change + 1 } satisfies KeptRecovery);
      const args = [
        incidentId,
        from.change,
        text,
        epoch,
        entry.what,
        ...textsOf(entry),
        joined,
        warned,
        ...saidTexts(said),
      ];
      return (await runScript<number>(redis, "beginRecovery", tag(incidentId), args)) === 1;
    },
    async end(incidentId, from, { detail }) {
      const texts = textsOf({ what: "resolved", detail });
      const args = [incidentId, from.change, from.epoch ?? "", ...texts, from.warned];
      const [answer, by] = await runScript<["resolved" | "superseded" | "stale", string]>(
        redis,
        "endRecovery",
        tag(incidentId),
        args,
      );
      return answer === "superseded" ? { answer, by } : { answer };
    },
    async warnings(agentId) {
      const key = keys.agent(partitionOf(agentId, partitions), agentId);
      const [times, last] = await reading(redis.hmget(key, "warned", "warnedBy"));
      return { times: Number(times), last: last ?? null };
    },
    async successor(agentId, incidentId) {
      const key = keys.agent(partitionOf(agentId, partitions), agentId);
      const last = await reading(redis.hget(key, "lastIncident"));
      return last === null || last === incidentId ? null : last;
    },
  };
}

function textsOf(entry: RecoveryEntry | null): [string, string] {
  const text = canonicalJson(entry?.detail ?? {});
  return [text, keptInLedger(text)];
}
