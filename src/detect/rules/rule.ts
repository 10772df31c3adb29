import type { Severity, SignalKind } from "../../incident/signal.ts";
import type { Thresholds } from "../../settings/thresholds.ts";

/** What a rule concludes; window-signals.ts makes the signal of it. */
export interface Finding {
  severity: Severity;
  sentence: string;
  suspectPayee: string | null;
  thresholds: Record<string, string | number>;
  /** `z`, where a baseline is known: how many sigmas over it, for the search of a cascade's root cause (RB5). */
  observed: Record<string, string | number>;
  baseline: Record<string, string | number> | null;
  /** What is behind it, at least one; sorted by time, oldest first. */
  entries: readonly { at: number; eventId: string }[];
}

/** What every window answers beside its own: which of the agent's troubles this is. Both from the agent's record in Redis. */
export interface Trouble {
  epoch: number;
  /** Dry runs of this agent that are over. */
  observed: number;
}

/**
 * A rule over one kind of window: pure, no clock, no store. It sees every entry near the newest event in time, later ones
 * included, so that the order of arrival changes nothing. Raise `version` when its meaning changes.
 */
export interface Rule<View extends Trouble> {
  name: string;
  version: number;
  signal: SignalKind;
  find(window: View, thresholds: Thresholds): Finding | null;
}

/** The densest run: the most entries any window of this length holds, oldest first. Entries need not be sorted. */
export function densest<Entry extends { at: number }>(entries: readonly Entry[], lengthMs: number): readonly Entry[] {
  const sorted = [...entries].sort((a, b) => a.at - b.at);
  let best: readonly Entry[] = [];
  let start = 0;
  for (let end = 0; end < sorted.length; end += 1) {
    while (sorted[end]!.at - sorted[start]!.at > lengthMs) start += 1;
    if (end - start + 1 > best.length) best = sorted.slice(start, end + 1);
  }
  return best;
}

/** Groups by a key, largest group first. */
export function groups<Entry>(
  entries: readonly Entry[],
  keyOf: (entry: Entry) => string,
): readonly (readonly Entry[])[] {
  return [...Map.groupBy(entries, keyOf).values()].sort((a, b) => b.length - a.length);
}
