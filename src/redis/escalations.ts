import {
  type Acknowledgement,
  type Channel,
  channels,
  type Escalation,
  type Escalations,
  type LevelRef,
} from "../incident/escalation.ts";
import type { Priority } from "../incident/incident.ts";
import { canonicalJson, keptInLedger } from "../incident/ledger.ts";
import { type RedisConnection, redisError, runScript } from "./connection.ts";
import { fleetTag, keys, tagKey } from "./keys.ts";
import { partitionOfId } from "./partitions.ts";

/** Longer than anybody waits for a level. */
const GROUP_KEPT_MS = 30 * 86_400_000;

export function createEscalations(redis: RedisConnection, partitions: number): Escalations {
  const tag = (incidentId: string) => tagKey(partitionOfId(incidentId));
  const claim = (group: string, what: "claim" | "release", ref: LevelRef, since: number, insteadOf = "") => {
    const level = `${ref.priority}:${ref.level}`;
    const args = [group, level, ref.incidentId, what, since, GROUP_KEPT_MS, insteadOf];
    return runScript<string>(redis, "claimGroupLevel", fleetTag(), args);
  };
  return {
    async due(partition, lateMs, limit) {
      const flat = await runScript<(string | number)[]>(redis, "dueEscalations", tagKey(partition), [lateMs, limit]);
      return Array.from({ length: flat.length / 4 }, (_, index) => ({
        incidentId: String(flat[index * 4]),
        agentId: String(flat[index * 4 + 1]),
        priority: flat[index * 4 + 2] as Priority,
        level: Number(flat[index * 4 + 3]),
      }));
    },
    tell({ incidentId, priority, level }, to, detail) {
      const text = canonicalJson(detail);
      const args = [incidentId, priority, level, to.join(","), text, keptInLedger(text)];
      return runScript(redis, "tellLevel", tag(incidentId), args);
    },
    async miss({ incidentId, priority, level }, lateMs, everyMs) {
      const args = [incidentId, priority, level, lateMs, everyMs];
      return (await runScript<number>(redis, "missLevel", tag(incidentId), args)) === 1;
    },
    async overdue(lateMs) {
      try {
        const [seconds, micros] = await redis.time();
        const due = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000) - lateMs;
        const all = Array.from({ length: partitions }, (_, partition) => keys.escalations(partition));
        const counts = await Promise.all(all.map((key) => redis.zcount(key, "-inf", due)));
        return counts.reduce((sum, count) => sum + count, 0);
      } catch (error) {
        throw redisError(error);
      }
    },
    async acknowledge(incidentId, by) {
      const [answer, who, at] = await runScript<[Acknowledgement["answer"], string, string]>(
        redis,
        "acknowledge",
        tag(incidentId),
        [incidentId, by],
      );
      return { answer, by: who, at: Number(at) };
    },
    claimFor: (group, level, since, insteadOf) => claim(group, "claim", level, since, insteadOf),
    async releaseFor(group, level) {
      await claim(group, "release", level, 0);
    },
    cover({ incidentId, priority, level }, members, how) {
      const args = [incidentId, priority, level, how, GROUP_KEPT_MS, ...members];
      return runScript(redis, "coverLevel", tag(incidentId), args);
    },
    leave: ({ incidentId, priority, level }) =>
      runScript(redis, "leaveLevel", tag(incidentId), [incidentId, priority, level]),
  };
}

/** Null for an incident that nobody is woken for. */
export function readEscalation(fields: Readonly<Record<string, string>>): Escalation | null {
  if (!fields.escalation) return null;
  const told = Object.entries(fields).filter(([name]) => name.startsWith("told:"));
  const reached = new Set(told.flatMap(([, list]) => list.split(",")));
  return {
    policy: JSON.parse(fields.escalation) as Escalation["policy"],
    priority: (fields.escalationPriority as Priority | undefined) ?? null,
    since: Number(fields.escalationSince ?? fields.openedAt),
    told: Number(fields.escalationTold ?? 0),
    reached: channels.filter((channel: Channel) => reached.has(channel)),
  };
}
