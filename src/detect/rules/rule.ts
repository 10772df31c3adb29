import type { WindowEntry, WindowView } from "../../incident/ports.ts";
import type { Severity, SignalKind } from "../../incident/signal.ts";
import type { Thresholds } from "../../settings/settings.ts";

/** What a rule concludes; correlate.ts makes the signal of it. */
export interface Finding {
  severity: Severity;
  sentence: string;
  suspectPayee: string | null;
  thresholds: Record<string, string | number>;
  observed: Record<string, string | number>;
  baseline: Record<string, string | number> | null;
  entries: readonly WindowEntry[];
}

/**
 * A rule over the window of one payer's opened escrows: pure, no clock, no store. It sees every entry near the newest
 * event in time, later ones included, so that the order of arrival changes nothing. Raise `version` when its meaning changes.
 */
export interface Rule {
  name: string;
  version: number;
  signal: SignalKind;
  find(window: WindowView, thresholds: Thresholds): Finding | null;
}

/** The densest run: the most entries any window of this length holds, oldest first. Entries need not be sorted. */
export function densest(entries: readonly WindowEntry[], lengthMs: number): readonly WindowEntry[] {
  const sorted = [...entries].sort((a, b) => a.at - b.at);
  let best: readonly WindowEntry[] = [];
  let start = 0;
  for (let end = 0; end < sorted.length; end += 1) {
    while (sorted[end]!.at - sorted[start]!.at > lengthMs) start += 1;
    if (end - start + 1 > best.length) best = sorted.slice(start, end + 1);
  }
  return best;
}

/** Groups by a key, largest group first. */
export function groups(
  entries: readonly WindowEntry[],
  keyOf: (entry: WindowEntry) => string,
): readonly (readonly WindowEntry[])[] {
  return [...Map.groupBy(entries, keyOf).values()].sort((a, b) => b.length - a.length);
}
