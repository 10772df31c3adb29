import { describeError, TourniquetError } from "../errors.ts";
import type { Inbox } from "../incident/inbox.ts";
import type { Log } from "../incident/ports.ts";
import type { RedisProbe, RedisState } from "../incident/redis-state.ts";

/** guarantees.md section 8: from here on new work is refused, so that containment in progress has room to finish. */
const FULL_SHARE = 0.9;
const LOOK_EVERY_MS = 1_000;

export interface PressureWatch {
  /** The inbox, refusing new deliveries while Redis is nearly full or cannot write its log. */
  guard(inbox: Inbox): Inbox;
  stop(): void;
}

/**
 * Replicas that are missing are no reason: then an event is stored and worked, and only the promise is not given (replicas.ts). To
 * refuse it would leave an agent running because a copy is missing, of whatever master.
 */
function troubleOf({ usedBytes, maxBytes, aofLastWriteOk }: RedisState): string | null {
  if (maxBytes > 0 && usedBytes >= maxBytes * FULL_SHARE) return `${usedBytes} of ${maxBytes} bytes used`;
  return aofLastWriteOk ? null : "its append-only file cannot be written";
}

/** Looks at Redis once a second. A full Redis stops everything, containment included: it must never get that far. */
export function watchPressure(probe: RedisProbe, log: Log): PressureWatch {
  let trouble: string | null = null;
  const look = async () => {
    try {
      const found = troubleOf(await probe());
      if (found !== null && trouble === null) log.error({ trouble: found }, "intake.shedding");
      if (found === null && trouble !== null) log.warn({}, "intake.resumed");
      trouble = found;
    } catch (error) {
      // Whoever needs Redis now hears the same from it, and answers 503 by that.
      log.warn({ ...describeError(error) }, "redis.unprobed");
    }
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  return {
    guard: (inbox) => ({
      ...inbox,
      async accept(delivery) {
        if (trouble !== null) throw new TourniquetError("redis-full", `Redis takes no new events: ${trouble}`);
        return inbox.accept(delivery);
      },
    }),
    stop: () => clearInterval(timer),
  };
}
