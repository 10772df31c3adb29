import { TourniquetError } from "../errors.ts";
import type { Approval, Fleet, Shutdown } from "../incident/fleet.ts";
import type { Verdict } from "../incident/verdict.ts";
import { jsonText } from "../incident/well-formed.ts";
import { markChanged } from "./changes.ts";
import { type RedisConnection, redisError, runScript } from "./connection.ts";
import { fleetTag, keys } from "./keys.ts";
import { partitionOf } from "./partitions.ts";

/** P4: the cap is per rolling hour. */
const HOUR_MS = 3_600_000;
/** As long as a verdict is kept. */
const KNOWN_MS = 7 * 86_400_000;
/** So long one answer holds before it is carried out: whoever gave it may have died. */
const CLAIM_MS = 60_000;
/** In place of an incident id, for a verdict that was taken back before anybody acted on it. */
const WITHDRAWN = "withdrawn";

export function createFleet(redis: RedisConnection, partitions: number): Fleet {
  const reading = <T>(promise: Promise<T>) => promise.catch((error) => Promise.reject(redisError(error)));
  const now = async () => {
    const [seconds, micros] = await reading(redis.time());
    return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
  };
  const withAgents = async ([id, by, reason, at]: readonly (string | null)[]): Promise<Shutdown | null> => {
    if (!id) return null;
    const agents = new Map(Object.entries(await reading(redis.hgetall(keys.shutdownAgents(id)))));
    return { id, by: by ?? "", reason: reason ?? "", at: Number(at), agents };
  };
  const begin = (by: string, reason: string, signalId: string) =>
    runScript<string[]>(redis, "beginShutdown", fleetTag(), [by, reason, signalId, KNOWN_MS]).then(withAgents);
  return {
    async reserve(agentIds, { limit, unlimited }) {
      if (agentIds.length === 0) return { granted: [] };
      const args = [limit, HOUR_MS, unlimited ? "1" : "0", ...agentIds];
      return { granted: await runScript<string[]>(redis, "reserveFreezes", fleetTag(), args) };
    },
    async reserved() {
      return reading(redis.zcount(keys.automaticFreezes(), `(${(await now()) - HOUR_MS}`, "+inf"));
    },
    async ask({ id, kind, what, cascadeId, verdicts }) {
      const asked = jsonText({ kind, what, cascadeId, askedAt: await now() });
      const change = redis.multi();
      for (const verdict of verdicts) change.hset(keys.approval(id), verdict.signal.agentId, jsonText(verdict));
      await reading(change.hsetnx(keys.approvals(), id, asked).exec());
      await markChanged(redis, "fleet");
    },
    async approvals() {
      const asked = Object.entries(await reading(redis.hgetall(keys.approvals())));
      const all = asked.map(async ([id, text]): Promise<Approval> => {
        const verdicts = await reading(redis.hvals(keys.approval(id)));
        return { id, ...JSON.parse(text), verdicts: verdicts.map((one) => JSON.parse(one) as Verdict) };
      });
      return (await Promise.all(all)).sort((a, b) => a.askedAt - b.askedAt);
    },
    async claim(questions, { said, by }) {
      const asked = questions.flatMap(({ id, askedAt }) => [id, askedAt]);
      const [id, before, who] = await runScript<string[]>(redis, "claimApproval", fleetTag(), [
        ...[said, by, CLAIM_MS],
        ...asked,
      ]);
      return id === undefined ? null : { id, answer: before ? { said: before as "yes" | "no", by: who ?? "" } : null };
    },
    async settle(id, agentIds) {
      await runScript(redis, "settleApproval", fleetTag(), [id, ...agentIds]);
    },
    async beginShutdown(by, reason) {
      const begun = await begin(by, reason, "");
      if (begun === null) throw new TourniquetError("internal", "a shutdown that a person asks for always begins");
      return begun;
    },
    beginShutdownFor: (signalId, by, reason) => begin(by, reason, signalId),
    async include(shutdownId, agents) {
      return (await runScript(redis, "includeInShutdown", fleetTag(), [shutdownId, ...[...agents].flat()])) === 1;
    },
    async shutdown() {
      return withAgents(await reading(redis.hmget(keys.shutdown(), "id", "by", "reason", "at")));
    },
    async endShutdown({ id, agents }) {
      return (await runScript(redis, "endShutdown", fleetTag(), [id, agents.size])) === 1;
    },
    async withdraw(agentId, signalId) {
      const key = keys.verdict(partitionOf(agentId, partitions), signalId);
      await reading(redis.multi().hsetnx(key, "incident", WITHDRAWN).pexpire(key, KNOWN_MS).exec());
      return (await reading(redis.hget(key, "incident"))) === WITHDRAWN;
    },
  };
}
