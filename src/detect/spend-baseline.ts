import { formatMoney, type Money } from "../incident/money.ts";
import type { CostAnomalyThresholds } from "../settings/thresholds.ts";
import { hundredths, robustLimit, zOf } from "./baseline.ts";

/** Spending by interval, in order of time, only intervals in which the agent spent. */
export type Spending = readonly (readonly [interval: number, total: Money])[];

/** What one interval's spending is measured against. z null: nothing of the agent is known to measure by. */
export interface SpendLimit {
  limit: Money;
  z: number | null;
  /** For `why`. */
  baseline: Record<string, string | number>;
}

/** The limits of these intervals; an interval without one cannot be judged yet. Neither asks for what came later. */
export type SpendBaseline = (
  spending: Spending,
  wanted: ReadonlySet<number>,
  thresholds: CostAnomalyThresholds,
) => ReadonlyMap<number, SpendLimit>;

/**
 * Median and MAD of the intervals before. One that is above the limit known at its time teaches nothing, so that a loss cannot
 * excuse the next one. A fold over time: the order in which events arrive changes nothing.
 */
export const robust: SpendBaseline = (spending, wanted, thresholds) => {
  const limits = new Map<number, SpendLimit>();
  const known: Money[] = [];
  for (const [interval, total] of spending) {
    const isSuspect = mayBeAnomalous(total, known, thresholds);
    const limit = isSuspect || wanted.has(interval) ? robustOf(known, total, thresholds) : null;
    if (limit !== null && wanted.has(interval)) limits.set(interval, limit);
    if (!isSuspect || total <= limit!.limit) insert(known, total);
  }
  return limits;
};

/** Cheap, and true wherever the limit is exceeded: it is never below this. Spares the MAD of nearly every interval (Q6). */
function mayBeAnomalous(total: Money, known: readonly Money[], thresholds: CostAnomalyThresholds): boolean {
  if (total < thresholds.minimumSpend) return false;
  if (known.length < thresholds.minimumSamples) return total > thresholds.coldStartPerInterval;
  return total * 100n > known[Math.floor(known.length / 2)]! * hundredths(thresholds.minimumFactor);
}

function robustOf(known: readonly Money[], total: Money, thresholds: CostAnomalyThresholds): SpendLimit {
  const { minimumSamples, sigmas, coldStartPerInterval } = thresholds;
  const samples = known.length;
  if (samples < minimumSamples)
    return { limit: coldStartPerInterval, z: null, baseline: { kind: "cold-start", samples, minimumSamples } };
  const { median, mad, limit } = robustLimit(known, thresholds);
  return {
    limit,
    z: zOf(total, median, limit, sigmas),
    baseline: { kind: "robust", samples, median: formatMoney(median), mad: formatMoney(mad) },
  };
}

/** Into a sorted list. */
function insert(known: Money[], total: Money): void {
  let low = 0;
  let high = known.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (known[middle]! < total) low = middle + 1;
    else high = middle;
  }
  known.splice(low, 0, total);
}

/** The seeds' own bounds: five readings of the balance, that is four intervals between them, three of which spent something. */
const LEAST_INTERVALS = 4;
const LEAST_SAMPLES = 3;

/**
 * The seeds' baseline, as it is: mean and sample standard deviation of all intervals, the one under test among them. An outlier
 * raises the threshold it is tested against: nothing can be critical before the 20th sample at 2 sigma, and the second of two
 * equal losses is excused by the first.
 */
export const meanSigma: SpendBaseline = (spending, wanted, { sigmas }) => {
  const limits = new Map<number, SpendLimit>();
  const first = spending[0]?.[0] ?? 0;
  for (const [index, [interval, total]] of spending.entries()) {
    if (!wanted.has(interval) || index + 1 < LEAST_SAMPLES || interval - first + 1 < LEAST_INTERVALS) continue;
    const { mean, sigma } = meanAndSigma(spending.slice(0, index + 1).map(([, spent]) => spent));
    if (sigma === 0n) continue;
    const limit = (mean + (sigma * hundredths(sigmas)) / 100n) as Money;
    limits.set(interval, {
      limit,
      z: zOf(total, mean, limit, sigmas),
      baseline: { kind: "mean-sigma", samples: index + 1, mean: formatMoney(mean), sigma: formatMoney(sigma) },
    });
  }
  return limits;
};

/** Needs two samples. Whole units of money: what is cut off is below 1e-8. */
export function meanAndSigma(samples: readonly Money[]): { mean: Money; sigma: Money } {
  const count = BigInt(samples.length);
  const sum = samples.reduce<bigint>((total, sample) => total + sample, 0n);
  // n x sum of squares - square of the sum: the variance times n (n - 1), without a fraction on the way.
  const squares = samples.reduce<bigint>((total, sample) => total + sample * sample, 0n);
  const sigma = squareRoot((count * squares - sum * sum) / (count * (count - 1n)));
  return { mean: (sum / count) as Money, sigma: sigma as Money };
}

/** Newton's method, rounded down. */
function squareRoot(square: bigint): bigint {
  if (square < 2n) return square;
  let root = 1n << BigInt((square.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + square / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
