import { addMoney, formatMoney, money } from "../../incident/money.ts";
import { dollars } from "../../incident/plain-words.ts";
import type { EscrowEnd, SeenEscrow, WindowView } from "../../incident/windows.ts";
import type { Rule } from "./rule.ts";

/** A cancelled escrow with its cancellation: what came back, not what timed out. */
type Cancelled = SeenEscrow & { end: EscrowEnd };

/**
 * D6: more than half of what an agent opens is cancelled again within the hour. What containment cancels itself is left out.
 * Every hour that ends at the event or later is looked at, so that the order of arrival changes nothing.
 */
export const cancellationRate: Rule<WindowView> = {
  name: "cancellation-rate",
  version: 1,
  signal: "cancellation-rate",
  find(view, { cancellationRate: { share, minimumCount, windowMs } }) {
    const isTooMany = (cancelled: number, all: number) => all >= minimumCount && cancelled > share * all;
    const own = view.escrows.filter(({ opened, end }) => (opened ?? end) !== null && !end?.isOurs);
    const cancelled = own.filter(isCancelled);
    if (!isTooMany(cancelled.length, minimumCount)) return null;
    const ends = own.flatMap(({ opened, end }) => [opened?.at ?? -1, end?.at ?? -1]).filter((at) => at >= view.at);
    for (const until of [...new Set(ends)].sort((a, b) => a - b)) {
      const isWithin = (at: number | undefined) => at !== undefined && at <= until && at >= until - windowMs;
      const all = own.filter(({ opened, end }) => isWithin(opened?.at) || isWithin(end?.at));
      const back = cancelled.filter(({ end }) => isWithin(end.at));
      if (isTooMany(back.length, all.length)) return findingOf(back, all.length, { share, minimumCount, windowMs });
    }
    return null;
  },
};

const isCancelled = (escrow: SeenEscrow): escrow is Cancelled => escrow.end?.state === "refunded";

function findingOf(
  cancelled: readonly Cancelled[],
  count: number,
  thresholds: { share: number; minimumCount: number; windowMs: number },
): ReturnType<typeof cancellationRate.find> {
  const suspectPayee = mostNamed(cancelled);
  const total = formatMoney(addMoney(...cancelled.map(({ amount }) => money(amount ?? "0"))));
  const minutes = Math.round(thresholds.windowMs / 60_000);
  const observed = { cancelled: cancelled.length, escrows: count, total };
  return {
    severity: "critical",
    sentence: `${cancelled.length} of ${count} escrows cancelled within ${minutes} min, ${dollars(total)} in all${suspectPayee ? `, most of them to ${suspectPayee}` : ""}`,
    suspectPayee,
    thresholds,
    observed: suspectPayee === null ? observed : { ...observed, payee: suspectPayee },
    baseline: null,
    entries: cancelled.map(({ end }) => end).sort((a, b) => a.at - b.at),
  };
}

/** The payee with most of the cancelled, where any is known; the first by name of several. */
function mostNamed(cancelled: readonly Cancelled[]): string | null {
  const named = cancelled.flatMap(({ payee }) => payee ?? []);
  const counts = [...Map.groupBy(named, (payee) => payee)].map(([payee, all]) => ({ payee, count: all.length }));
  return counts.sort((a, b) => b.count - a.count || (a.payee < b.payee ? -1 : 1))[0]?.payee ?? null;
}
