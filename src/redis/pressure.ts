import { describeError, type ErrorCode, TourniquetError } from "../errors.ts";
import type { Inbox } from "../incident/inbox.ts";
import type { Log } from "../incident/ports.ts";
import type { RedisProbe, RedisState } from "../incident/redis-state.ts";

/** guarantees.md section 8: from here on new work is refused, so that containment in progress has room to finish. */
const FULL_SHARE = 0.9;
const LOOK_EVERY_MS = 1_000;

export interface PressureWatch {
  /** The inbox, refusing new deliveries while Redis is nearly full, cannot write its log, or has too few replicas. */
  guard(inbox: Inbox): Inbox;
  stop(): void;
}

interface Trouble {
  code: Extract<ErrorCode, "redis-full" | "redis-unavailable">;
  what: string;
}

function troubleOf({ usedBytes, maxBytes, aofLastWriteOk, missingReplicas }: RedisState): Trouble | null {
  if (maxBytes > 0 && usedBytes >= maxBytes * FULL_SHARE)
    return { code: "redis-full", what: `${usedBytes} of ${maxBytes} bytes used` };
  if (!aofLastWriteOk) return { code: "redis-full", what: "its append-only file cannot be written" };
  // Before each of them waits for the replicas in vain, and everybody else behind it.
  return missingReplicas > 0
    ? { code: "redis-unavailable", what: `${missingReplicas} replicas too few are in step` }
    : null;
}

/** Looks at Redis once a second. A full Redis stops everything, containment included: it must never get that far. */
export function watchPressure(probe: RedisProbe, log: Log): PressureWatch {
  let trouble: Trouble | null = null;
  const look = async () => {
    try {
      const found = troubleOf(await probe());
      if (found !== null && trouble === null) log.error({ trouble: found.what }, "intake.shedding");
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
        if (trouble !== null) throw new TourniquetError(trouble.code, `Redis takes no new events: ${trouble.what}`);
        return inbox.accept(delivery);
      },
    }),
    stop: () => clearInterval(timer),
  };
}
