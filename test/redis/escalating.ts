import type { EscalationPolicy, LevelRef } from "../../src/incident/escalation.ts";
import type { Priority } from "../../src/incident/incident.ts";
import type { OpenRequest } from "../../src/incident/ports.ts";
import { keys } from "../../src/redis/keys.ts";
import { openRequest } from "./open-request.ts";
import type { Stores } from "./open-stores.ts";

export const MINUTE = 60_000;

/** Two levels for what is most urgent, one for the next. */
export const twoLevels: EscalationPolicy = {
  P0: [
    { afterMs: 5 * MINUTE, to: ["slack"] },
    { afterMs: 20 * MINUTE, to: ["webhook"] },
  ],
  P1: [{ afterMs: 15 * MINUTE, to: ["slack"] }],
};

/** As if everything about this escalation had happened so much earlier. */
export async function longAgo({ redis }: Pick<Stores, "redis">, incidentId: string, ms: number): Promise<void> {
  await redis.hincrby(keys.incident(0, incidentId), "escalationSince", -ms);
  await redis.zadd(keys.escalations(0), "XX", "INCR", -ms, incidentId);
}

/** What a test of escalations does to one incident after the other, in a Redis of one partition. */
export function escalating(stores: Stores) {
  const { incidents, escalations, redis, clock } = stores;
  const open = async (priority: Priority, more: Partial<OpenRequest> = {}) =>
    (await incidents.open(openRequest({}, { priority, escalation: twoLevels, ...more }))).incidentId;
  const dueAt = async (incidentId: string) => {
    const score = await redis.zscore(keys.escalations(0), incidentId);
    return score === null ? null : Number(score);
  };
  return {
    open,
    /** A signal of the same agent. */
    joins: open,
    dueAt,
    ago: (incidentId: string, ms: number) => longAgo(stores, incidentId, ms),
    due: (lateMs = 0) => escalations.due(0, lateMs, 10),
    tell: (incidentId: string, priority: Priority, level: number) =>
      escalations.tell({ incidentId, priority, level } satisfies LevelRef, ["slack"], { level }),
    /** Minutes until the next level, rounded. */
    async inMinutes(incidentId: string) {
      const at = await dueAt(incidentId);
      return at === null ? null : Math.round((at - (await clock.now())) / MINUTE);
    },
    escalationOf: async (incidentId: string) => (await incidents.load(incidentId))?.escalation ?? null,
    whats: async (incidentId: string) => (await incidents.view(incidentId))!.timeline.map(({ what }) => what),
  };
}
