import { describeError, TourniquetError } from "../errors.ts";
import type { Inbox } from "../incident/inbox.ts";
import type { Log } from "../incident/ports.ts";
import type { RedisProbe } from "../incident/redis-state.ts";

/** guarantees.md section 8: from here on new work is refused, so that containment in progress has room to finish. */
const FULL_SHARE = 0.9;
const LOOK_EVERY_MS = 1_000;

export interface PressureWatch {
  /** The inbox, refusing new deliveries with redis-full while Redis is nearly full or cannot write its log. */
  guard(inbox: Inbox): Inbox;
  stop(): void;
}

/** Looks at Redis once a second. A full Redis stops everything, containment included: it must never get that far. */
export function watchPressure(probe: RedisProbe, log: Log): PressureWatch {
  let trouble: string | null = null;
  const look = async () => {
    try {
      const { usedBytes, maxBytes, aofLastWriteOk } = await probe();
      const full = maxBytes > 0 && usedBytes >= maxBytes * FULL_SHARE;
      const found = full
        ? `${usedBytes} of ${maxBytes} bytes used`
        : aofLastWriteOk
          ? null
          : "its append-only file cannot be written";
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
