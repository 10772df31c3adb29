import { Redis } from "ioredis";
import { keys, queuePrefix } from "../../../src/redis/keys.ts";
import { until } from "../clock.ts";
import type { LoadResult } from "../load/load.ts";

/** Holds the inbox against what the senders were told. */
export interface InboxCheck {
  /** Starts a round on an empty Redis and a short append-only file. */
  empty(): Promise<void>;
  /** Throws unless every 202 is in the inbox and queued, no more and no less, and nothing else was answered. */
  mustHold(load: LoadResult): Promise<void>;
  /** For the report. */
  seen(): string[];
  close(): Promise<void>;
}

export function openInboxCheck(redisUrl: string): InboxCheck {
  const redis = new Redis(redisUrl);
  let rounds = 0;
  let accepted = 0;
  return {
    async empty() {
      await redis.flushall();
      await redis.bgrewriteaof();
      await until(async () => /aof_rewrite_in_progress:0/.test(await redis.info("persistence")), "Redis to rewrite");
    },
    async mustHold(load) {
      const [stored, queued] = await Promise.all([
        redis.hget(keys.intake(0), "accepted"),
        redis.llen(`${queuePrefix(0)}:correlate:wait`),
      ]);
      const told = `202 was answered ${load.accepted} times, the inbox counts ${stored ?? 0}, ${queued} are queued`;
      if (Number(stored) !== load.accepted || queued !== load.accepted) throw new Error(told);
      const others = Object.entries(load.statuses).filter(([status]) => status !== "202");
      if (others.length > 0) throw new Error(`not only 202: ${JSON.stringify(load.statuses)}`);
      rounds += 1;
      accepted += load.accepted;
    },
    seen: () => [`in each of ${rounds} rounds the inbox held and queued exactly what was answered 202 (${accepted})`],
    close: async () => void (await redis.quit()),
  };
}
