import { type CallBudget, SAVED_SHARE } from "../incident/watch.ts";
import { type RedisConnection, redisError, runScript } from "./connection.ts";
import { fleetTag, keys } from "./keys.ts";

/** A look at everything must fit into it, or it would never be made. */
const LEAST_SAVED = 20;
/** After a 429 the gateway names no time to wait (greenhelix.md section 3); its window is an hour. */
const FIRST_BACK_OFF_MS = 15_000;
const LONGEST_BACK_OFF_MS = 600_000;

/** perHour: the key's share for polling; undefined: no limit of ours, and only a 429 stops it. Asked for each time: settings change. */
export function createCallBudget(
  redis: RedisConnection,
  limit: { perHour(): number | undefined; keyNameOf(agentId: string): string },
): CallBudget {
  const { keyNameOf } = limit;
  const bucket = () => {
    const perHour = limit.perHour();
    if (perHour === undefined) return { most: undefined, inflow: 0 };
    const most = Math.max(perHour * SAVED_SHARE, Math.min(perHour, LEAST_SAVED));
    return { most, inflow: Math.max(perHour - most, 1) };
  };
  return {
    async take(agentId, reads) {
      const { most, inflow } = bucket();
      const [granted, waitMs] = await runScript<[number, number]>(redis, "takeCalls", fleetTag(), [
        keyNameOf(agentId),
        most ?? "",
        inflow,
        ...reads.flatMap(({ calls, floor }) => [calls, floor * (most ?? 0)]),
      ]);
      return { reads: granted, waitMs };
    },
    async settle(agentId, extraCalls) {
      const key = keys.calls(keyNameOf(agentId));
      try {
        await redis.hdel(key, "strikes");
        if (bucket().most !== undefined && extraCalls !== 0) await redis.hincrbyfloat(key, "left", -extraCalls);
      } catch (error) {
        throw redisError(error);
      }
    },
    backOff: (agentId, retryAfterMs) =>
      runScript<number>(redis, "blockCalls", fleetTag(), [
        keyNameOf(agentId),
        FIRST_BACK_OFF_MS,
        LONGEST_BACK_OFF_MS,
        retryAfterMs ?? 0,
      ]),
  };
}
