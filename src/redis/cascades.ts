import type { Cascade, CascadeMember, CascadeSignal, Cascades, NearSignal } from "../incident/cascade.ts";
import { looksFor } from "../incident/cascade-links.ts";
import { jsonText } from "../incident/well-formed.ts";
import { type RedisConnection, redisError, runScript } from "./connection.ts";
import { fleetTag, keys } from "./keys.ts";
import { pageOfNewest } from "./newest.ts";
import { readPayments } from "./windows.ts";

/** So long a signal can be linked by one that comes late: what is older nobody acts on (guarantees.md section 8). */
const LOOKED_AT_MS = 86_400_000;
/** As long as a verdict is kept: until then a repeated job must be known. */
const KNOWN_MS = 7 * 86_400_000;

export function createCascades(redis: RedisConnection, partitions: number): Cascades {
  const reading = <T>(promise: Promise<T>) => promise.catch((error) => Promise.reject(redisError(error)));
  const load = async (id: string): Promise<Cascade | null> => {
    // In one transaction: one that is merged into another between two reads would be shown open, and empty.
    const replies = await reading(
      redis.multi().hgetall(keys.cascade(id)).hvals(keys.cascadeSignals(id)).hvals(keys.cascadeMembers(id)).exec(),
    );
    const [fields, signals, members] = (replies ?? []).map(([, reply]) => reply) as [
      Record<string, string>,
      string[],
      string[],
    ];
    if (fields.into) return load(fields.into);
    if (!fields.openedAt) return null;
    return {
      id,
      windowMs: Number(fields.windowMs),
      openedAt: Number(fields.openedAt),
      closedAt: fields.closedAt ? Number(fields.closedAt) : null,
      signals: signals.map((text) => JSON.parse(text) as CascadeSignal).sort((a, b) => a.at - b.at),
      members: members.map((text) => JSON.parse(text) as CascadeMember),
    };
  };
  const run = (
    what: "look" | "join",
    signal: CascadeSignal,
    { windowMs, agents }: { windowMs: number; agents: number },
  ) =>
    runScript<["standing" | "over", string, ...(string | number)[]]>(redis, "joinCascade", fleetTag(), [
      what,
      signal.signalId,
      signal.agentId,
      Math.round(signal.at),
      jsonText(signal),
      windowMs,
      Math.max(LOOKED_AT_MS, 2 * windowMs),
      KNOWN_MS,
      agents,
      jsonText({ marks: signal.marks, ...looksFor(signal.marks) }),
    ]);
  return {
    async look(signal, windowMs) {
      const [standing, cascadeId, ...near] = await run("look", signal, { windowMs, agents: 0 });
      return { standing, cascadeId: cascadeId || null, near: readNear(near.map(String)) };
    },
    async join(signal, options) {
      const [standing, cascadeId, opened, ...pending] = await run("join", signal, options);
      return { standing, cascadeId: cascadeId || null, opened: opened === 1, pending: pending.map(String) };
    },
    async handedOver(cascadeId, members) {
      if (members.length === 0) return;
      const fields = members.flatMap((member) => [member.agentId, jsonText(member)]);
      // In this order: who is recorded and still pending is handed over again, which does no harm.
      const change = redis.multi().hset(keys.cascadeMembers(cascadeId), ...fields);
      change.srem(keys.cascadePending(cascadeId), ...members.map(({ agentId }) => agentId));
      await reading(change.exec());
    },
    async forget(signalId) {
      await runScript(redis, "endCascade", fleetTag(), ["forget", signalId]);
    },
    async close(cascadeId) {
      await runScript(redis, "endCascade", fleetTag(), ["close", cascadeId]);
    },
    load,
    page: (which) =>
      pageOfNewest(redis, [keys.cascades()], which, async (places) => {
        const found = await Promise.all(places.map(({ id }) => load(id)));
        // One that was merged since then leads to another, which stands in its own place.
        return found.map((cascade, index) => (cascade?.id === places[index]?.id ? cascade : null));
      }),
    async list(limit) {
      const ids = await reading(redis.zrevrange(keys.cascades(), 0, limit - 1));
      return (await Promise.all(ids.map(load))).filter((cascade) => cascade !== null);
    },
    payments: (agentId, fromMs, untilMs) => readPayments(redis, partitions, agentId, { fromMs, untilMs }),
  };
}

function readNear(flat: readonly string[]): NearSignal[] {
  return Array.from({ length: Math.floor(flat.length / 3) }, (_, index) => ({
    signalId: flat[index * 3]!,
    agentId: flat[index * 3 + 1]!,
    cascadeId: flat[index * 3 + 2] || null,
  }));
}
