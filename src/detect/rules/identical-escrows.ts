import { addMoney, formatMoney, money } from "../../incident/money.ts";
import { dollars } from "../../incident/plain-words.ts";
import type { WindowEntry, WindowView } from "../../incident/windows.ts";
import { ofMinutes, robustLimit, zOf } from "../baseline.ts";
import { minutesBefore } from "./principal-burst.ts";
import { groups, type Rule } from "./rule.ts";

/**
 * D4, the retry loop itself: one payer opens escrows of one amount to one payee, again and again. Each is valid; only the
 * run is insane. A month-end batch pays many payees many amounts and never makes such a run; a bulk purchase settles as it goes.
 */
export const identicalEscrows: Rule<WindowView> = {
  name: "identical-escrows",
  version: 2,
  signal: "escrow-burst",
  find(window, { escrowBurst }) {
    const { identicalCount, identicalWindowMs, minimumSamples } = escrowBurst;
    const runs = groups(window.entries, (entry) => `${entry.payee} ${entry.amount}`)
      .filter((group) => group.length >= identicalCount)
      .map((group) => longestUnsettled(group, identicalWindowMs));
    const run = runs.sort((a, b) => b.length - a.length)[0];
    const first = run?.[0];
    if (!run || !first || run.length < identicalCount) return null;
    const sum = addMoney(...run.map((entry) => money(entry.amount)));
    const total = formatMoney(sum);
    const seconds = Math.ceil((run.at(-1)!.at - first.at) / 1000);
    return {
      severity: "critical",
      sentence: `${run.length} escrows of ${dollars(first.amount)} to ${first.payee} within ${seconds} s, ${dollars(total)} in all: a retry loop`,
      suspectPayee: first.payee,
      thresholds: { identicalCount, identicalWindowMs },
      observed: { count: run.length, payee: first.payee, amount: first.amount, seconds, total, ...deviation() },
      baseline: null,
      entries: run,
    };

    /** How unusual the sum is for this agent, where its minutes are known; the rule itself needs no baseline. */
    function deviation(): { z?: number } {
      const before = minutesBefore(window, first!.at);
      if (before.length < minimumSamples) return {};
      const { median, limit } = robustLimit(before);
      return { z: zOf(sum, median, limit, ofMinutes.sigmas) };
    }
  },
};

/**
 * The most escrows that were open together within any window of this length, oldest first. Asked at each opening for those that
 * had not settled by then, so that news of a settlement may come before or after that of the opening.
 */
function longestUnsettled(group: readonly WindowEntry[], lengthMs: number): readonly WindowEntry[] {
  const sorted = [...group].sort((a, b) => a.at - b.at);
  let best: readonly WindowEntry[] = [];
  for (const { at: until } of sorted) {
    const open = sorted.filter(
      ({ at, end }) => at <= until && until - at <= lengthMs && !(end?.state === "settled" && end.at <= until),
    );
    if (open.length > best.length) best = open;
  }
  return best;
}
