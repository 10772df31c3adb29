import type { SeenStanding } from "../../incident/standing.ts";
import type { Rule } from "./rule.ts";

/** baseline.score null: nothing to measure a drop by. at: of the reading that made us look. */
export interface StandingView extends SeenStanding {
  at: number;
  baseline: { score: number | null; source: "settings" | "first seen" };
}

/**
 * D2, polled: the score lies so many percent below its baseline. Asked of the lowest reading, by an event that is it or came
 * before it in time: what came later and is no lower says nothing new.
 */
export const reputationDrop: Rule<StandingView> = {
  name: "reputation-drop",
  version: 1,
  signal: "reputation-drift",
  find({ at, lowest, baseline }, { reputation: { criticalDropPct, warningDropPct } }) {
    if (baseline.score === null || baseline.score <= 0 || at > lowest.at) return null;
    const from = baseline.score;
    const isDropOf = (percent: number) =>
      (millionths(from) - millionths(lowest.score)) * 100_000 >= Math.round(percent * 1_000) * millionths(from);
    if (!isDropOf(warningDropPct)) return null;
    const severity = isDropOf(criticalDropPct) ? "critical" : "warning";
    const dropPct = Math.round(((from - lowest.score) / from) * 10_000) / 100;
    return {
      severity,
      sentence: `The reputation is ${lowest.score}, ${dropPct} % below its baseline of ${from}`,
      suspectPayee: null,
      thresholds: { criticalDropPct, warningDropPct },
      observed: { score: lowest.score, dropPct },
      baseline: { kind: baseline.source, score: from },
      entries: [lowest],
    };
  },
};

/** Whole numbers: 0.85 x 0.7 is not quite 0.595 in floating point, and the edge must be where it is written. */
const millionths = (score: number): number => Math.round(score * 1_000_000);
