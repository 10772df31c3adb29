import type { Money } from "./money.ts";

/** A burst of seconds is spread over a minute: nobody knows that it would have gone on at that speed. */
export const SHORTEST_TREND_MS = 60_000;

const MINUTE_MS = 60_000n;
const CENT = 1_000_000n;

/** How fast money went, of `amount` in so many milliseconds: the same figure on a page and in a post-mortem. Down to a whole cent. */
export function perMinute(amount: bigint, lastedMs: number): Money {
  return toCents((amount * MINUTE_MS) / BigInt(Math.max(SHORTEST_TREND_MS, lastedMs)));
}

/** Down to a whole cent: an estimate has no finer digits. */
export const toCents = (amount: bigint): Money => (amount - (amount % CENT)) as Money;
