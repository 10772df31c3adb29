import { randomUUID } from "node:crypto";
import { keepWatch } from "./detect/watch/schedule.ts";
import { beat } from "./heartbeat.ts";
import { holdLease } from "./redis/leases.ts";
import type { Services } from "./services.ts";
import { type Duty, startTicking } from "./ticking.ts";

/**
 * Keeps the schedules of polling, and calls the dead-man's switch while polls and Redis work (I7, I8): whoever leads the first
 * partition does, and stops as soon as either does not.
 */
export function watchDuty(services: Services, startedAt = performance.now()): Duty {
  return {
    name: "watch",
    leaseMs: 8_000,
    // How soon a reloaded file, or an agent heard of for the first time, changes what is polled.
    every: 5,
    async round(partition) {
      const ports = { ...services, settings: { ...services.settings } };
      const { isSound } = await keepWatch(ports, partition, performance.now() - startedAt);
      if (partition === 0 && isSound) await beatInTime(services);
    },
  };
}

export function startWatchTicker(services: Services): { stop(): void } {
  return startTicking(services, "watch-ticker", [watchDuty(services)]);
}

/** One beat per interval, whoever leads meanwhile. */
async function beatInTime({ config, settings, redis, log }: Services): Promise<void> {
  const { heartbeatUrl } = config;
  if (heartbeatUrl === undefined) return;
  if (!(await holdLease(redis, 0, "heartbeat", randomUUID(), settings.watch.heartbeatEveryMs))) return;
  // Not awaited: a slow switch holds up no schedule.
  void beat(heartbeatUrl, log);
}
