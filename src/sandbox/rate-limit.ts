import type { Tier } from "./state.ts";

/**
 * A sliding hour per agent id, shared by all keys of that agent. Soft: the hour being used up refuses only while the last
 * minute is busy too. Refused calls count as well, so a client that hammers keeps itself out. Numbers: greenhelix.md section 3.
 */
export interface RateLimiter {
  /** Counts the call and says whether it may pass. */
  take(agentId: string, tier: Tier): { isAllowed: boolean; limit: number; remaining: number; resetSec: number };
  clear(): void;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const burstAllowance: Record<Tier, number> = { free: 10, starter: 25, pro: 100, enterprise: 1_000 };

export const hourlyLimits: Readonly<Record<Tier, number>> = {
  free: 100,
  starter: 1_000,
  pro: 10_000,
  enterprise: 100_000,
};

export function createRateLimiter(
  now: () => number,
  limits: Readonly<Record<Tier, number>> = hourlyLimits,
): RateLimiter {
  const calls = new Map<string, number[]>();
  return {
    take(agentId, tier) {
      const nowMs = now();
      const hour = recent(calls.get(agentId) ?? [], nowMs - HOUR_MS);
      calls.set(agentId, hour);
      const limit = limits[tier];
      const minuteCap = Math.floor(limit / 60) + burstAllowance[tier];
      const isAllowed = hour.length < limit || since(hour, nowMs - MINUTE_MS) < minuteCap;
      hour.push(nowMs);
      // Reset counts to the next full clock hour, which has nothing to do with the sliding window. So does the real one.
      const resetSec = Math.ceil((HOUR_MS - (nowMs % HOUR_MS)) / 1000);
      return { isAllowed, limit, remaining: Math.max(0, limit - hour.length), resetSec };
    },
    clear: () => calls.clear(),
  };
}

function recent(times: number[], sinceMs: number): number[] {
  const first = times.findIndex((atMs) => atMs > sinceMs);
  if (first === 0) return times;
  return first < 0 ? [] : times.slice(first);
}

function since(times: readonly number[], sinceMs: number): number {
  let count = 0;
  for (let index = times.length - 1; index >= 0 && times[index]! > sinceMs; index -= 1) count += 1;
  return count;
}
