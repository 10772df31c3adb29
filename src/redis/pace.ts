import type { Clock, Pace } from "../incident/ports.ts";
import { type RedisConnection, runScript } from "./connection.ts";
import { fleetTag } from "./keys.ts";

/** Where no limit is configured nobody waits. */
export const unlimited: Pace = { turn: async () => undefined };

/** perSecond and burst are the gateway's limit for one key; the responder's own share of it is for whoever configures it to choose. */
export function createPace(
  redis: RedisConnection,
  clock: Clock,
  limit: { perSecond: number; burst: number; keyNameOf(agentId: string): string },
): Pace {
  return {
    async turn(agentId, { urgent, signal }) {
      const waitMs = await runScript<number>(redis, "takeTurn", fleetTag(), [
        limit.keyNameOf(agentId),
        limit.perSecond,
        limit.burst,
        urgent ? "1" : "0",
      ]);
      if (waitMs > 0) await clock.wait(waitMs, signal);
    },
  };
}
