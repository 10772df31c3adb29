import { randomUUID } from "node:crypto";
import { tellEndedSilences } from "./contain/silenced.ts";
import { sweepInbox, sweepIncidents } from "./contain/sweep.ts";
import { describeError } from "./errors.ts";
import { holdLease } from "./redis/leases.ts";
import type { Services } from "./services.ts";
import { containPorts } from "./work.ts";

const TICK_MS = 1_000;
const INBOX_EVERY = 5;
const LEASE_MS = 5_000;

/**
 * The sweeper, a plain timer under a lease, one per partition in the whole fleet (G2). It only wakes work up: what it
 * misses while a lease changes hands is found at the next tick.
 */
export function startTicker(services: Services): { stop(): void } {
  const owner = randomUUID();
  let tick = 0;
  let busy = false;
  const timer = setInterval(async () => {
    if (busy) return;
    busy = true;
    tick += 1;
    try {
      const ports = containPorts(services);
      for (let partition = 0; partition < services.config.partitions; partition += 1) {
        if (!(await holdLease(services.redis, partition, "ticker", owner, LEASE_MS))) continue;
        await sweepIncidents(ports, partition);
        if (tick % INBOX_EVERY !== 0) continue;
        await sweepInbox(ports, partition);
        if (partition === 0) await tellEndedSilences(services);
      }
    } catch (error) {
      services.log.warn({ ...describeError(error) }, "ticker.failed");
    } finally {
      busy = false;
    }
  }, TICK_MS);
  return { stop: () => clearInterval(timer) };
}
