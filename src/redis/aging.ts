import { type RedisConnection, redisError } from "./connection.ts";
import { type Key, keys, partitionOf } from "./keys.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** What Redis forgets of one agent when it had no news of a kind for so long: the lifetimes that scripts/observe-*.lua set. */
interface Lifetime {
  ms: number;
  keysOf(partition: number, agentId: string): readonly Key[];
}

export const lifetimes = {
  money: [
    { ms: HOUR_MS, keysOf: (p, a) => [keys.window(p, a), keys.outflowPart(p, a, "rows")] },
    { ms: 7 * DAY_MS, keysOf: (p, a) => [keys.principal(p, a), keys.outflow(p, a), keys.outflowPart(p, a, "seen")] },
  ],
  calls: [
    { ms: HOUR_MS, keysOf: (p, a) => [keys.activity(p, "calls", a)] },
    { ms: 7 * DAY_MS, keysOf: (p, a) => [keys.callMinutes(p, a)] },
  ],
  errors: [{ ms: HOUR_MS, keysOf: (p, a) => [keys.activity(p, "errors", a)] }],
  access: [
    {
      ms: 90 * DAY_MS,
      keysOf: (p, a) => (["address", "user-agent", "hour", "first", "days"] as const).map((k) => keys.access(p, a, k)),
    },
  ],
  standing: [{ ms: 400 * DAY_MS, keysOf: (p, a) => [keys.standing(p, a)] }],
} as const satisfies Record<string, readonly Lifetime[]>;

export type Memory = keyof typeof lifetimes;

export interface Aging {
  /**
   * Before news of an agent that comes at `at`: what would be forgotten by then is. Times need not ascend.
   * leastMs: where a window is longer, it is kept as long as that.
   */
  before(memory: Memory, agentId: string, at: number, leastMs?: number): Promise<void>;
}

/**
 * Redis counts lifetimes by its own clock. For events of another time, which all come within a few seconds, they are counted
 * here by the time of their arrival.
 */
export function createAging(redis: RedisConnection, partitions: number): Aging {
  const latest = new Map<string, number>();
  return {
    async before(memory, agentId, at, leastMs = 0) {
      const name = `${memory} ${agentId}`;
      const last = latest.get(name);
      if (last === undefined || at > last) latest.set(name, at);
      if (last === undefined || at - last < HOUR_MS) return;
      const partition = partitionOf(agentId, partitions);
      const forgotten = lifetimes[memory].filter(({ ms }) => at - last >= Math.max(ms, leastMs));
      const gone = forgotten.flatMap(({ keysOf }) => [...keysOf(partition, agentId)]);
      if (gone.length > 0) await redis.del(...gone).catch((error) => Promise.reject(redisError(error)));
    },
  };
}
