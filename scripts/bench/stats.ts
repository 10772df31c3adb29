/** What a table says of one quantity: the median of its rounds, and the least and most of them as the spread. */
export interface Summary {
  median: number;
  least: number;
  most: number;
  rounds: number;
}

export function summarize(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    median: percentile(sorted, 50),
    least: sorted[0] ?? Number.NaN,
    most: sorted.at(-1) ?? Number.NaN,
    rounds: sorted.length,
  };
}

/** Nearest rank, of values in ascending order: always one that was measured, never one between two. NaN of nothing. */
export function percentile(sorted: ArrayLike<number>, percent: number): number {
  const rank = Math.ceil((percent / 100) * sorted.length);
  return sorted[Math.max(0, rank - 1)] ?? Number.NaN;
}

export function sortNumbers(values: readonly number[]): Float64Array {
  return Float64Array.from(values).sort();
}
