import type { Money } from "../incident/money.ts";

/** 1.4826 x MAD estimates sigma for normal data; in ten-thousandths, since money is whole. */
const MAD_TO_SIGMA = 14_826n;
/** How many sigmas over the median is still the agent's own doing. */
const SIGMAS = 3n;

/**
 * Median and MAD of what the agent did before: an outlier among the samples moves neither, where mean and sigma would
 * let one bad minute excuse the next. limit = median + 3 sigma, at least 1.5 x median (a perfectly even agent has MAD 0).
 */
export function robustLimit(samples: readonly Money[]): { median: Money; mad: Money; limit: Money } {
  const median = medianOf(samples);
  const mad = medianOf(samples.map((sample) => (sample > median ? sample - median : median - sample) as Money));
  const spread = median + (mad * MAD_TO_SIGMA * SIGMAS) / 10_000n;
  const floor = (median * 3n) / 2n;
  return { median, mad, limit: (spread > floor ? spread : floor) as Money };
}

/** The upper one of two middles: erring towards a higher limit, away from a false freeze. Needs at least one sample. */
function medianOf(samples: readonly Money[]): Money {
  const sorted = [...samples].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted[Math.floor(sorted.length / 2)] ?? (0n as Money);
}
