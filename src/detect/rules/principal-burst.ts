import { addMoney, formatMoney, type Money, money } from "../../incident/money.ts";
import { robustLimit } from "../baseline.ts";
import { densest, type Finding, groups, type Rule } from "./rule.ts";

const MINUTE_MS = 60_000;

/**
 * D4, the loop whose amounts differ: principal opened within a minute is far over the agent's own baseline, and nearly
 * all of it goes to one payee. The last condition is what keeps a busy hour and a month-end batch out.
 */
export const principalBurst: Rule = {
  name: "principal-burst",
  version: 1,
  signal: "escrow-burst",
  find(window, { escrowBurst }): Finding | null {
    const minute = densest(window.entries, MINUTE_MS);
    const last = minute.at(-1);
    if (!last || minute.length < escrowBurst.minimumCount) return null;
    const total = sum(minute);
    const topGroup = [...groups(minute, (entry) => entry.payee)].sort((a, b) => Number(sum(b) - sum(a)))[0]!;
    const share = Number((sum(topGroup) * 1000n) / (total === 0n ? 1n : total)) / 1000;
    if (share < escrowBurst.topPayeeShare) return null;

    const firstMinute = Math.floor(minute[0]!.at / MINUTE_MS);
    const before = [...window.principalByMinute].filter(([at]) => at < firstMinute).map(([, units]) => units);
    const known = before.length >= escrowBurst.minimumSamples ? robustLimit(before) : null;
    const limit = known
      ? (((known.limit * BigInt(Math.round(escrowBurst.principalPerMinuteFactor * 100))) / 100n) as Money)
      : escrowBurst.principalColdStartPerMinute;
    if (total <= limit) return null;
    const payee = topGroup[0]!.payee;
    return {
      severity: "critical",
      sentence: `${formatMoney(total)} locked within a minute, ${Math.round(share * 100)} % of it with ${payee}; the limit for this agent is ${formatMoney(limit)}`,
      suspectPayee: payee,
      thresholds: {
        limitPerMinute: formatMoney(limit),
        principalPerMinuteFactor: escrowBurst.principalPerMinuteFactor,
        minimumCount: escrowBurst.minimumCount,
        topPayeeShare: escrowBurst.topPayeeShare,
      },
      observed: { count: minute.length, total: formatMoney(total), topPayee: payee, topPayeeShare: share },
      baseline: known
        ? { kind: "robust", samples: before.length, median: formatMoney(known.median), mad: formatMoney(known.mad) }
        : { kind: "cold-start", samples: before.length, minimumSamples: escrowBurst.minimumSamples },
      entries: minute,
    };
  },
};

const sum = (entries: readonly { amount: string }[]): Money => addMoney(...entries.map((entry) => money(entry.amount)));
