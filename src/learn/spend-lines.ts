import { formatMoney } from "../incident/money.ts";
import type { Signal } from "../incident/signal.ts";
import type { SpendBaseline, SpendLimit, Spent } from "../incident/spend.ts";

const MINUTE_MS = 60_000;

/** What the agent was used to as its trouble was concluded: by the rule that measured it, else the middle one of the minutes before. */
export function baselineOf(signals: readonly Signal[], spent: Spent): SpendBaseline | null {
  for (const { why } of signals) {
    const { baseline } = why;
    const amount = baseline?.median ?? baseline?.mean;
    const perMs = intervalOf(why);
    if (perMs !== null && typeof amount === "string")
      return { amount, perMs, samples: Number(baseline?.samples ?? 0), from: why.rule };
  }
  const beganAt = Math.min(...signals.map(({ startedAt, occurredAt }) => startedAt ?? occurredAt));
  const before = [...spent.minutes].filter(([minute]) => minute < Math.floor(beganAt / MINUTE_MS));
  const amounts = before.map(([, amount]) => amount).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const middle = amounts[Math.floor(amounts.length / 2)];
  if (middle === undefined) return null;
  return { amount: formatMoney(middle), perMs: MINUTE_MS, samples: amounts.length, from: "minutes before" };
}

/** The thresholds that stand in the verdicts: what settings say today is another matter. Each once. */
export function limitsOf(signals: readonly Signal[]): SpendLimit[] {
  const lines = signals.flatMap(({ id: signalId, why }): SpendLimit[] => {
    const perMs = intervalOf(why);
    if (perMs === null) return [];
    const { limitPerInterval, absolutePerInterval, criticalPerInterval, limitPerMinute } = why.thresholds;
    const line = (what: SpendLimit["what"], amount: unknown): SpendLimit[] =>
      typeof amount === "string" ? [{ what, amount, perMs, signalId, rule: why.rule }] : [];
    return [
      ...line("warning", limitPerInterval),
      ...line("warning", absolutePerInterval),
      ...line("critical", criticalPerInterval),
      // What one payee gets of so much in a minute is a loop (D4): there is no warning before it.
      ...line("critical", limitPerMinute),
    ];
  });
  return [...new Map(lines.map((one) => [`${one.what} ${one.amount} ${one.perMs}`, one])).values()];
}

/** Over which time a rule adds up; null: it counts something else than money. */
function intervalOf({ thresholds }: Signal["why"]): number | null {
  if (typeof thresholds.intervalMs === "number") return thresholds.intervalMs;
  return thresholds.limitPerMinute === undefined ? null : MINUTE_MS;
}
