import { percent } from "../../incident/plain-words.ts";
import { millionths, type SeenStanding, type StandingBaseline } from "../../incident/standing.ts";
import type { Rule } from "./rule.ts";

/** at: of the reading that made us look. baseline null: nothing to measure a drop by. */
export interface StandingView extends SeenStanding {
  at: number;
  baseline: StandingBaseline | null;
}

/**
 * D2, polled: the score lies so many percent below its baseline. Asked of the lowest reading since, by an event that is it or
 * came before it in time: what came later and is no lower says nothing new.
 */
export const reputationDrop: Rule<StandingView> = {
  name: "reputation-drop",
  version: 1,
  signal: "reputation-drift",
  find({ at, lowest: lowestPositive, zero, baseline }, { reputation: { criticalDropPct, warningDropPct } }) {
    if (baseline === null || baseline.score <= 0) return null;
    const from = baseline.score;
    const isFall = zero !== null && (baseline.at === null || zero.at > baseline.at);
    const lowest = isFall ? zero : lowestPositive;
    if (lowest === null || at > lowest.at) return null;
    const isDropOf = (percent: number) =>
      (millionths(from) - millionths(lowest.score)) * 100_000 >= Math.round(percent * 1_000) * millionths(from);
    if (!isDropOf(warningDropPct)) return null;
    const severity = isDropOf(criticalDropPct) ? "critical" : "warning";
    const dropPct = Number(percent(((from - lowest.score) / from) * 100));
    return {
      severity,
      sentence: `The reputation is ${lowest.score}, ${dropPct} % below its baseline of ${from}`,
      suspectPayee: null,
      thresholds: { criticalDropPct, warningDropPct },
      observed: { score: lowest.score, dropPct },
      baseline: { kind: baseline.kind, score: from },
      entries: [lowest],
    };
  },
};
