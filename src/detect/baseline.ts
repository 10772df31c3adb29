import type { Money } from "../incident/money.ts";

/** 1.4826 x MAD estimates sigma for normal data; in ten-thousandths, since money is whole. */
const MAD_TO_SIGMA = 14_826n;

/** How far over the median is still the agent's own doing. */
export interface Spread {
  sigmas: number;
  /** The limit is at least so many times the median: a perfectly even agent has MAD 0. */
  minimumFactor: number;
}

/** Of the minutes a burst is measured against (D4); spending has settings for it (D3). */
export const ofMinutes: Spread = { sigmas: 3, minimumFactor: 1.5 };

export interface RobustLimit {
  median: Money;
  mad: Money;
  limit: Money;
}

/**
 * Median and MAD of what the agent did before: an outlier among the samples moves neither, where mean and sigma would
 * let one bad minute excuse the next. limit = median + sigmas x 1.4826 x MAD, at least minimumFactor x median. Needs a sample.
 */
export function robustLimit(samples: readonly Money[], spread: Spread = ofMinutes): RobustLimit {
  const median = medianOf(samples);
  const mad = medianOf(samples.map((sample) => (sample > median ? sample - median : median - sample) as Money));
  const over = median + (mad * MAD_TO_SIGMA * hundredths(spread.sigmas)) / 1_000_000n;
  const floor = (median * hundredths(spread.minimumFactor)) / 100n;
  return { median, mad, limit: (over > floor ? over : floor) as Money };
}

/**
 * How many sigmas over the middle, in two decimals, for comparing agents (RB5). The sigma is the one the limit was made of,
 * so that the limit itself is at `sigmas` also where the agent is so even that its spread alone would call anything an outlier.
 */
export function zOf(total: Money, middle: Money, limit: Money, sigmas: number): number {
  const sigma = limit > middle ? limit - middle : 1n;
  const z = Number(((total - middle) * hundredths(sigmas)) / sigma) / 100;
  return Math.min(z, MOST_Z);
}

/** An agent that never spends a unit more than another time has no spread at all; a number must be shown all the same. */
const MOST_Z = 1_000_000;

export const hundredths = (value: number): bigint => BigInt(Math.round(value * 100));

/** The upper one of two middles: erring towards a higher limit, away from a false freeze. */
function medianOf(samples: readonly Money[]): Money {
  const sorted = [...samples].sort(byAmount);
  return sorted[Math.floor(sorted.length / 2)] ?? (0n as Money);
}

const byAmount = (a: Money, b: Money): number => (a < b ? -1 : a > b ? 1 : 0);
