import { randomUUID } from "node:crypto";
import { describeError } from "./errors.ts";
import { holdLease } from "./redis/leases.ts";
import type { Services } from "./services.ts";

const TICK_MS = 1_000;

/** One duty of the fleet: every so often, in every partition, by one process at a time. */
export interface Duty {
  /** Of its lease. */
  name: string;
  leaseMs: number;
  /** Of seconds; left out: every one. */
  every?: number;
  round(partition: number): Promise<void>;
}

/**
 * Runs duties by a plain timer, one round at a time. They only wake work up: what is missed while a lease changes hands, or
 * where a round fails, is found at the next tick.
 */
export function startTicking(services: Services, name: string, duties: readonly Duty[]): { stop(): void } {
  const owner = randomUUID();
  let tick = 0;
  let busy = false;
  const timer = setInterval(async () => {
    if (busy) return;
    busy = true;
    for (const duty of duties) {
      if (tick % (duty.every ?? 1) !== 0) continue;
      await attempt(services, name, () => doDuty(services, duty, owner));
    }
    tick += 1;
    busy = false;
  }, TICK_MS);
  return { stop: () => clearInterval(timer) };
}

/** In the partitions that this owner leads; one that fails keeps none of the others waiting. Throws the first failure at the end. */
export async function doDuty(services: Services, { name, leaseMs, round }: Duty, owner: string): Promise<void> {
  const failures: unknown[] = [];
  for (let partition = 0; partition < services.config.partitions; partition += 1) {
    try {
      if (await holdLease(services.redis, partition, name, owner, leaseMs)) await round(partition);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

async function attempt({ log }: Services, name: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    log.warn({ ...describeError(error) }, `${name}.failed`);
  }
}
