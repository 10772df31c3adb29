import { sha256 } from "../incident/ledger.ts";
import type { Proposal, Tuning, TuningState, Tunings } from "../incident/tuning.ts";
import { jsonText } from "../incident/well-formed.ts";
import { type RedisConnection, redisError, runScript } from "./connection.ts";
import { fleetTag, keys } from "./keys.ts";
import { pageOfNewest } from "./newest.ts";

/** What a tuning must be to be decided so. */
const before = { approved: "open", rejected: "open", withdrawn: "approved", overruled: "approved" } as const;

/** Tunings belong to no partition: every process needs all that are in force. */
export function createTunings(redis: RedisConnection): Tunings {
  const reading = <T>(promise: Promise<T>) => promise.catch((error) => Promise.reject(redisError(error)));
  const load: Tunings["load"] = async (id) => readTuning(id, await reading(redis.hgetall(keys.tuning(id))));
  const loadAll = async (ids: readonly string[]) =>
    (await Promise.all(ids.map((id) => load(id)))).filter((one) => one !== null);
  const version = async () => Number((await reading(redis.get(keys.tuningsVersion()))) ?? 0);
  return {
    load,
    version,
    async propose(proposal) {
      const { incidentId, path, agentId } = proposal;
      const id = `tun-${sha256(`${incidentId}\n${path}`).slice(0, 12)}`;
      const args = [id, `${path} ${agentId}`, jsonText(proposal)];
      const kept = await runScript<number>(redis, "proposeTuning", fleetTag(), args);
      return { answer: kept === 1 ? "proposed" : "known", tuning: (await load(id))! };
    },
    async decide(id, { to, by, reason }) {
      const args = [id, to, before[to], by, reason];
      const changed = await runScript<number>(redis, "decideTuning", fleetTag(), args);
      return changed === -1 ? null : { changed: changed === 1, tuning: (await load(id))! };
    },
    page: (which) =>
      pageOfNewest(redis, [keys.tunings()], which, (places) => Promise.all(places.map(({ id }) => load(id)))),
    list: async (limit) => loadAll(await reading(redis.zrevrange(keys.tunings(), 0, limit - 1))),
    async inForce() {
      // The version first: what changes in between is read again next time.
      const of = await version();
      return { version: of, tunings: await loadAll(await reading(redis.hvals(keys.tuningsInForce()))) };
    },
  };
}

function readTuning(id: string, found: Readonly<Record<string, string>>): Tuning | null {
  if (found.said === undefined) return null;
  return {
    id,
    ...(JSON.parse(found.said) as Proposal),
    madeAt: Number(found.madeAt),
    state: found.state as TuningState,
    decidedBy: found.decidedBy ?? null,
    decidedAt: found.decidedAt === undefined ? null : Number(found.decidedAt),
    decidedBecause: found.decidedBecause ?? null,
  };
}
