import { isLoopback } from "./loopback.ts";

/**
 * What one process takes before it has proved anything (guarantees.md section 7). In process memory on purpose: a limit kept
 * in Redis would let a flood take the store down. The rates are generous by default, because one gateway sends the events of
 * a whole fleet from one address; lower them where the network in front does not limit.
 */
export interface FloodLimits {
  /** Webhooks being read or stored at once. */
  concurrent: number;
  perSecond: number;
  perSecondAndAddress: number;
  /** More bad signatures than this in a minute block their address for blockMs. */
  badSignaturesPerMinute: number;
  blockMs: number;
}

export const defaultFloodLimits: FloodLimits = {
  concurrent: 1_024,
  perSecond: 50_000,
  perSecondAndAddress: 50_000,
  badSignaturesPerMinute: 10,
  blockMs: 60_000,
};

const VERIFIED_FOR_MS = 3_600_000;
/** Addresses remembered for bad signatures; the oldest goes first. */
const MAX_SUSPECTS = 10_000;

export type Entrance = { answer: "in" } | { answer: "flood"; reason: string; retryAfterSec: number };

const IN: Entrance = { answer: "in" };

/** Holds the counts. now: milliseconds, injected. Whoever is let in must leave. */
export class FloodGuard {
  readonly #limits: FloodLimits;
  readonly #now: () => number;
  readonly #isExempt: (address: string) => boolean;
  #inside = 0;
  #second = 0;
  #total = 0;
  readonly #byAddress = new Map<string, number>();
  readonly #verifiedAt = new Map<string, number>();
  readonly #suspects = new Map<string, { since: number; count: number; blockedUntil: number }>();

  /** Loopback is exempt from blocks: behind a local proxy it is everybody's address, and one bad sender must not silence all. */
  constructor(limits: Partial<FloodLimits> = {}, now: () => number = Date.now, isExempt = isLoopback) {
    this.#limits = { ...defaultFloodLimits, ...limits };
    this.#now = now;
    this.#isExempt = isExempt;
  }

  enter(address: string): Entrance {
    const now = this.#now();
    const blockedUntil = this.#suspects.size === 0 ? 0 : (this.#suspects.get(address)?.blockedUntil ?? 0);
    if (blockedUntil > now)
      return flood("too many requests with a bad signature", Math.ceil((blockedUntil - now) / 1000));
    if (this.#inside >= this.#limits.concurrent) return flood("too many requests at once", 1);
    if (!this.#countSecond(address, now)) return flood("too many requests per second", 1);
    this.#inside += 1;
    return IN;
  }

  leave(): void {
    this.#inside -= 1;
  }

  verified(address: string): void {
    const now = this.#now();
    // Once a minute is exact enough for an hour, and keeps this off the hot path.
    if (now - (this.#verifiedAt.get(address) ?? 0) > 60_000) this.#verifiedAt.set(address, now);
  }

  /** Counts a bad signature. Never blocks an address that has proved itself within the hour. */
  refused(address: string): void {
    const now = this.#now();
    if (this.#isExempt(address) || now - (this.#verifiedAt.get(address) ?? -Infinity) < VERIFIED_FOR_MS) return;
    let suspect = this.#suspects.get(address);
    if (suspect === undefined || now - suspect.since >= 60_000) {
      suspect = { since: now, count: 0, blockedUntil: 0 };
      this.#suspects.delete(address);
      this.#suspects.set(address, suspect);
      if (this.#suspects.size > MAX_SUSPECTS) this.#suspects.delete(this.#suspects.keys().next().value!);
    }
    suspect.count += 1;
    if (suspect.count > this.#limits.badSignaturesPerMinute) suspect.blockedUntil = now + this.#limits.blockMs;
  }

  #countSecond(address: string, now: number): boolean {
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#total = 0;
      this.#byAddress.clear();
    }
    const own = (this.#byAddress.get(address) ?? 0) + 1;
    if (this.#total >= this.#limits.perSecond || own > this.#limits.perSecondAndAddress) return false;
    this.#total += 1;
    this.#byAddress.set(address, own);
    return true;
  }
}

function flood(reason: string, retryAfterSec: number): Entrance {
  return { answer: "flood", reason, retryAfterSec };
}
