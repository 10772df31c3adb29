import { addMoney, formatMoney, type Money, zero } from "../incident/money.ts";
import type { KeptSpend, SpendPoint, Spent } from "../incident/spend.ts";

const MINUTE_MS = 60_000;
/** As many as a plot can show. */
const MOST_POINTS = 500;

interface Amount {
  at: number;
  amount: Money;
  spanMs: number;
}

/**
 * What was spent between two times: payment by payment where all of a minute are still kept, else that minute as one. Nothing is
 * counted twice and nothing left out, whatever is shown.
 */
export function pointsOf(spent: Spent, from: number, until: number): Pick<KeptSpend, "points" | "isWhole"> {
  const isWithin = (at: number) => at >= from && at <= until;
  const byMinute = Map.groupBy(spent.events, ({ at }) => Math.floor(at / MINUTE_MS));
  const amounts = [...spent.minutes].flatMap(([minute, amount]): Amount[] => {
    const known = byMinute.get(minute) ?? [];
    if (sum(known) === amount) return known.filter(({ at }) => isWithin(at)).map((one) => ({ ...one, spanMs: 0 }));
    const at = minute * MINUTE_MS;
    // Of the minute in which the series begins some may have been before it.
    return at + MINUTE_MS > from && at <= until ? [{ at, amount, spanMs: MINUTE_MS }] : [];
  });
  const sorted = amounts.sort((a, b) => a.at - b.at);
  return { points: counted(fewer(sorted, from, until)), isWhole: spent.wholeFrom <= from };
}

/** Points of two readings of one series, the later one from where the earlier ends. */
export function joined(before: readonly SpendPoint[], after: readonly SpendPoint[], money: (text: string) => Money) {
  const read = ({ at, amount, spanMs }: SpendPoint): Amount => ({ at: Date.parse(at), amount: money(amount), spanMs });
  const all = [...before, ...after].map(read);
  return counted(fewer(all, all[0]?.at ?? 0, all.at(-1)?.at ?? 0));
}

export const sum = (amounts: readonly { amount: Money }[]): Money =>
  amounts.reduce<Money>((total, { amount }) => addMoney(total, amount), zero);

/** Where there are more than anybody can look at, all of each span as one. */
function fewer(amounts: readonly Amount[], from: number, until: number): readonly Amount[] {
  if (amounts.length <= MOST_POINTS) return amounts;
  const spanMs = Math.ceil((until - from + 1) / MOST_POINTS);
  const spans = Map.groupBy(amounts, ({ at }) => Math.max(0, Math.floor((at - from) / spanMs)));
  return [...spans].map(([span, some]) => ({
    at: from + span * spanMs,
    amount: sum(some),
    spanMs: Math.max(spanMs, ...some.map((one) => one.spanMs)),
  }));
}

function counted(amounts: readonly Amount[]): SpendPoint[] {
  let total = zero;
  return amounts.map(({ at, amount, spanMs }) => {
    total = addMoney(total, amount);
    return { at: new Date(at).toISOString(), amount: formatMoney(amount), total: formatMoney(total), spanMs };
  });
}
