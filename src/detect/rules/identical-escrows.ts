import { addMoney, formatMoney, money } from "../../incident/money.ts";
import type { WindowView } from "../../incident/windows.ts";
import { densest, groups, type Rule } from "./rule.ts";

/**
 * D4, the retry loop itself: one payer opens escrows of one amount to one payee, again and again. Each is valid; only the
 * run is insane. A month-end batch pays many payees many amounts and never makes such a run.
 */
export const identicalEscrows: Rule<WindowView> = {
  name: "identical-escrows",
  version: 1,
  signal: "escrow-burst",
  find(window, { escrowBurst }) {
    const runs = groups(window.entries, (entry) => `${entry.payee} ${entry.amount}`).map((group) =>
      densest(group, escrowBurst.identicalWindowMs),
    );
    const run = runs.sort((a, b) => b.length - a.length)[0];
    const first = run?.[0];
    if (!run || !first || run.length < escrowBurst.identicalCount) return null;
    const total = formatMoney(addMoney(...run.map((entry) => money(entry.amount))));
    const seconds = Math.ceil((run.at(-1)!.at - first.at) / 1000);
    return {
      severity: "critical",
      sentence: `${run.length} escrows of ${first.amount} to ${first.payee} within ${seconds} s, ${total} in all: a retry loop`,
      suspectPayee: first.payee,
      thresholds: { identicalCount: escrowBurst.identicalCount, identicalWindowMs: escrowBurst.identicalWindowMs },
      observed: { count: run.length, payee: first.payee, amount: first.amount, seconds, total },
      baseline: null,
      entries: run,
    };
  },
};
