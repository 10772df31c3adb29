import { isLoopback } from "./loopback.ts";
import { Places } from "./places.ts";

/**
 * What one process takes before it has proved anything (guarantees.md section 7). In process memory on purpose: a limit kept
 * in Redis would let a flood take the store down. The rates are generous by default, because one gateway sends the events of
 * a whole fleet from one address; lower them where the network in front does not limit.
 */
export interface FloodLimits {
  /** Webhooks being read or stored at once. */
  concurrent: number;
  /** Of these for all addresses together that proved nothing within the hour: the rest is kept for those that did. */
  strangers: number;
  /** And for one such address. */
  oneStranger: number;
  perSecond: number;
  perSecondAndAddress: number;
  /** More bad signatures than this in a minute block their address for blockMs. */
  badSignaturesPerMinute: number;
  blockMs: number;
}

export const defaultFloodLimits: FloodLimits = {
  concurrent: 1_024,
  strangers: 768,
  oneStranger: 64,
  perSecond: 50_000,
  perSecondAndAddress: 50_000,
  badSignaturesPerMinute: 10,
  blockMs: 60_000,
};

const VERIFIED_FOR_MS = 3_600_000;
/** Addresses remembered for what they sent, good or bad; the oldest goes first. */
const MOST_REMEMBERED = 10_000;

/** Whoever is in says when the body is whole, and leaves. Both may be said twice. */
export interface Place {
  whole(): void;
  leave(): void;
}

export type Entrance = { answer: "in"; place: Place } | { answer: "flood"; reason: string; retryAfterSec: number };

/** Holds the counts. Addresses are networks (auth/network.ts). now: milliseconds, injected. */
export class FloodGuard {
  readonly #limits: FloodLimits;
  readonly #now: () => number;
  readonly #isExempt: (address: string) => boolean;
  readonly #places: Places;
  #second = 0;
  #total = 0;
  readonly #byAddress = new Map<string, number>();
  readonly #verifiedAt = new Map<string, number>();
  readonly #suspects = new Map<string, { since: number; count: number; blockedUntil: number }>();

  /** Loopback is no stranger and never blocked: behind a local proxy it is everybody's address, and one bad sender must not silence all. */
  constructor(limits: Partial<FloodLimits> = {}, now: () => number = Date.now, isExempt = isLoopback) {
    this.#limits = { ...defaultFloodLimits, ...limits };
    this.#now = now;
    this.#isExempt = isExempt;
    this.#places = new Places(this.#limits, now);
  }

  /** cut: ends the request, where its body comes so slowly that its place goes to another. */
  enter(address: string, cut: () => void): Entrance {
    const now = this.#now();
    const isStranger = this.#isStranger(address, now);
    const blockedUntil = isStranger ? (this.#suspects.get(address)?.blockedUntil ?? 0) : 0;
    if (blockedUntil > now)
      return flood("too many requests with a bad signature", Math.ceil((blockedUntil - now) / 1000));
    if (!this.#countSecond(address, now)) return flood("too many requests per second", 1);
    const place = this.#places.take({ address, isStranger, cut });
    return place === null ? flood("too many requests at once", 1) : { answer: "in", place };
  }

  verified(address: string): void {
    const now = this.#now();
    // Once a minute is exact enough for an hour, and keeps this off the hot path.
    if (now - (this.#verifiedAt.get(address) ?? 0) > 60_000) remember(this.#verifiedAt, address, now);
  }

  /** Counts a bad signature. Never blocks an address that has proved itself within the hour. */
  refused(address: string): void {
    const now = this.#now();
    if (!this.#isStranger(address, now)) return;
    let suspect = this.#suspects.get(address);
    if (suspect === undefined || now - suspect.since >= 60_000) {
      suspect = { since: now, count: 0, blockedUntil: 0 };
      remember(this.#suspects, address, suspect);
    }
    suspect.count += 1;
    if (suspect.count > this.#limits.badSignaturesPerMinute) suspect.blockedUntil = now + this.#limits.blockMs;
  }

  #isStranger(address: string, now: number): boolean {
    return now - (this.#verifiedAt.get(address) ?? -Infinity) >= VERIFIED_FOR_MS && !this.#isExempt(address);
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

function remember<V>(map: Map<string, V>, address: string, value: V): void {
  map.delete(address);
  map.set(address, value);
  if (map.size > MOST_REMEMBERED) map.delete(map.keys().next().value!);
}

function flood(reason: string, retryAfterSec: number): Entrance {
  return { answer: "flood", reason, retryAfterSec };
}
