import { costAnomaly } from "../../../src/detect/rules/cost-anomaly.ts";
import { type Money, money } from "../../../src/incident/money.ts";
import type { WindowView } from "../../../src/incident/windows.ts";
import { type CostAnomalyThresholds, defaultThresholds } from "../../../src/settings/thresholds.ts";
import { type escrows, MINUTE_MS, noon, windowOf } from "./windows.ts";

/** What D3 finds in it, with the thresholds of no file at all but for these. */
export const find = (view: WindowView, own: Partial<CostAnomalyThresholds> = {}) =>
  costAnomaly.find(view, { ...defaultThresholds, costAnomaly: { ...defaultThresholds.costAnomaly, ...own } });
/** Ten minutes of 100.00 each: the limit is 300.00. */
export const usual = Array.from({ length: 10 }, () => "100.00");
export const known = (...entries: ReturnType<typeof escrows>) => windowOf(entries, usual);
export const minute = noon / MINUTE_MS;
/** Money that left the account at noon without an escrow. */
export const withOutflow = (view: WindowView, payee: string, ...amounts: readonly string[]): WindowView => ({
  ...view,
  at: noon,
  outflows: amounts.map((amount, index) => ({ at: noon + index, eventId: `evt-0-tx-${index}`, payee, amount })),
  outflowByMinute: new Map([[minute, amounts.reduce((sum, amount) => sum + money(amount), 0n) as Money]]),
});
