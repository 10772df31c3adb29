import { addMoney, formatMoney, money } from "../../incident/money.ts";
import { dollars } from "../../incident/plain-words.ts";
import type { WindowView } from "../../incident/windows.ts";
import { densest, groups, type Rule } from "./rule.ts";

/** D5: over 10 escrows from one payer to one payee in 5 min, whatever their amounts. */
export const payeeConcentration: Rule<WindowView> = {
  name: "payee-concentration",
  version: 1,
  signal: "payee-concentration",
  find(window, { payeeConcentration: { count, windowMs } }) {
    const runs = groups(window.entries, (entry) => entry.payee).map((group) => densest(group, windowMs));
    const run = runs.sort((a, b) => b.length - a.length)[0];
    const first = run?.[0];
    if (!run || !first || run.length <= count) return null;
    const total = formatMoney(addMoney(...run.map((entry) => money(entry.amount))));
    return {
      severity: "critical",
      sentence: `${run.length} escrows to ${first.payee} within ${Math.round(windowMs / 60_000)} min, ${dollars(total)} in all`,
      suspectPayee: first.payee,
      thresholds: { count, windowMs },
      observed: { count: run.length, payee: first.payee, total },
      baseline: null,
      entries: run,
    };
  },
};
