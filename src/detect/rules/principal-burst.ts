import { formatMoney, type Money, money, zero } from "../../incident/money.ts";
import { dollars } from "../../incident/plain-words.ts";
import type { WindowEntry, WindowView } from "../../incident/windows.ts";
import type { Thresholds } from "../../settings/thresholds.ts";
import { ofMinutes, robustLimit, zOf } from "../baseline.ts";
import type { Finding, Rule } from "./rule.ts";

const MINUTE_MS = 60_000;

/**
 * D4, the loop whose amounts differ: principal opened within a minute is far over the agent's own baseline, and nearly
 * all of it goes to one payee. The last condition is what keeps a busy hour and a month-end batch out.
 */
export const principalBurst: Rule<WindowView> = {
  name: "principal-burst",
  version: 2,
  signal: "escrow-burst",
  find(window, { escrowBurst }): Finding | null {
    const minute = heaviestMinute(window.entries, escrowBurst);
    if (!minute) return null;
    const { entries, total, payee, share } = minute;

    const before = minutesBefore(window, entries[0]!.at);
    const known = before.length >= escrowBurst.minimumSamples ? robustLimit(before) : null;
    const limit = known
      ? (((known.limit * BigInt(Math.round(escrowBurst.principalPerMinuteFactor * 100))) / 100n) as Money)
      : escrowBurst.principalColdStartPerMinute;
    if (total <= limit) return null;
    return {
      severity: "critical",
      sentence: `${dollars(total)} locked within a minute, ${Math.round(share * 100)} % of it with ${payee}; the limit for this agent is ${dollars(limit)}`,
      suspectPayee: payee,
      thresholds: {
        limitPerMinute: formatMoney(limit),
        principalPerMinuteFactor: escrowBurst.principalPerMinuteFactor,
        minimumCount: escrowBurst.minimumCount,
        topPayeeShare: escrowBurst.topPayeeShare,
      },
      observed: {
        count: entries.length,
        total: formatMoney(total),
        topPayee: payee,
        topPayeeShare: share,
        ...(known && { z: zOf(total, known.median, known.limit, ofMinutes.sigmas) }),
      },
      baseline: known
        ? { kind: "robust", samples: before.length, median: formatMoney(known.median), mad: formatMoney(known.mad) }
        : { kind: "cold-start", samples: before.length, minimumSamples: escrowBurst.minimumSamples },
      entries,
    };
  },
};

/** The principal of each minute before the one in which this happened. */
export function minutesBefore({ principalByMinute }: WindowView, at: number): Money[] {
  const minute = Math.floor(at / MINUTE_MS);
  return [...principalByMinute].filter(([before]) => before < minute).map(([, units]) => units);
}

interface Minute {
  entries: readonly WindowEntry[];
  total: Money;
  /** Who gets the most of it, and which part, 0..1. */
  payee: string;
  share: number;
}

/**
 * Of the minutes with enough escrows and enough of the money with one payee, the one in which the most is locked. Whoever
 * took the one with the most escrows would not see a few large ones beside many small.
 */
function heaviestMinute(entries: readonly WindowEntry[], burst: Thresholds["escrowBurst"]): Minute | null {
  const sorted = [...entries].sort((a, b) => a.at - b.at);
  const amounts = sorted.map((entry) => money(entry.amount));
  const byPayee = new Map<string, Money>();
  let best: Minute | null = null;
  let total = zero;
  let start = 0;
  const change = (index: number, amount: bigint) => {
    const { payee } = sorted[index]!;
    byPayee.set(payee, ((byPayee.get(payee) ?? zero) + amount) as Money);
    total = (total + amount) as Money;
  };
  for (const [end, { at }] of sorted.entries()) {
    change(end, amounts[end]!);
    for (; at - sorted[start]!.at > MINUTE_MS; start += 1) change(start, -amounts[start]!);
    if (end - start + 1 < burst.minimumCount || total <= (best?.total ?? zero)) continue;
    const [payee, most] = [...byPayee].reduce((top, one) => (one[1] > top[1] ? one : top));
    const share = Number((most * 1000n) / total) / 1000;
    if (share >= burst.topPayeeShare) best = { entries: sorted.slice(start, end + 1), total, payee, share };
  }
  return best;
}
