import { randomUUID } from "node:crypto";
import { keepWatch } from "./detect/watch/schedule.ts";
import { describeError } from "./errors.ts";
import { beat } from "./heartbeat.ts";
import { holdLease } from "./redis/leases.ts";
import type { Services } from "./services.ts";

const TICK_MS = 1_000;
/** How soon a reloaded file, or an agent heard of for the first time, changes what is polled. */
const KEEP_EVERY = 5;
const LEASE_MS = 8_000;

/**
 * Keeps the schedules of polling, one process per partition in the whole fleet, and calls the dead-man's switch while polls
 * and Redis work (I7, I8): whoever leads the first partition does, and stops as soon as either does not.
 */
export function startWatchTicker(services: Services): { stop(): void } {
  const owner = randomUUID();
  const startedAt = performance.now();
  let tick = 0;
  let busy = false;
  const timer = setInterval(async () => {
    if (busy) return;
    busy = true;
    try {
      if (tick % KEEP_EVERY === 0) await keepAll(services, owner, performance.now() - startedAt);
    } catch (error) {
      services.log.warn({ ...describeError(error) }, "watch-ticker.failed");
    } finally {
      tick += 1;
      busy = false;
    }
  }, TICK_MS);
  return { stop: () => clearInterval(timer) };
}

/** One round: the partitions that this process leads. */
export async function keepAll(services: Services, owner: string, upMs: number): Promise<void> {
  const ports = { ...services, settings: { ...services.settings } };
  for (let partition = 0; partition < services.config.partitions; partition += 1) {
    if (!(await holdLease(services.redis, partition, "watch", owner, LEASE_MS))) continue;
    const { isSound } = await keepWatch(ports, partition, upMs);
    if (partition === 0 && isSound) await beatInTime(services);
  }
}

/** One beat per interval, whoever leads meanwhile. */
async function beatInTime({ config, settings, redis, log }: Services): Promise<void> {
  const { heartbeatUrl } = config;
  if (heartbeatUrl === undefined) return;
  if (!(await holdLease(redis, 0, "heartbeat", randomUUID(), settings.watch.heartbeatEveryMs))) return;
  // Not awaited: a slow switch holds up no schedule.
  void beat(heartbeatUrl, log);
}
