import { addMoney, formatMoney, type Money, money, zero } from "../../incident/money.ts";
import type { WindowView } from "../../incident/windows.ts";
import type { CostAnomalyThresholds } from "../../settings/thresholds.ts";
import { meanSigma, robust, type SpendLimit } from "../spend-baseline.ts";
import type { Finding, Rule } from "./rule.ts";

const MINUTE_MS = 60_000;
const baselines = { robust, "mean-sigma": meanSigma };

/**
 * D3: what an agent spends in an interval, principal and fees, is far over what it is used to. Intervals are clock-aligned. All
 * from the event's own on are judged, since a late event may complete what a later interval is measured against.
 */
export const costAnomaly: Rule<WindowView> = {
  name: "cost-anomaly",
  version: 1,
  signal: "cost-anomaly",
  find(view, { costAnomaly: thresholds }) {
    const { intervalMs } = thresholds;
    const from = Math.max(
      Math.floor(view.at / intervalMs),
      Math.floor((view.afreshMinute * MINUTE_MS) / intervalMs) + 1,
    );
    const judged = spendingOf(view, intervalMs, from).filter(([, total]) => total >= thresholds.minimumSpend);
    // Most events end here: what costs more than a look at the minutes is for the few that may be anomalous (Q6).
    if (judged.length === 0) return null;
    const wanted = new Set(judged.map(([interval]) => interval));
    const limits = baselines[thresholds.baseline](spendingOf(view, intervalMs, 0), wanted, thresholds);
    const findings = judged.flatMap(
      ([interval, total]) => judge(spentIn(view, interval, thresholds), total, limits.get(interval), thresholds) ?? [],
    );
    return findings.find(({ severity }) => severity === "critical") ?? findings[0] ?? null;
  },
};

/** Per interval that spent something, from this interval on, in order of time. */
function spendingOf(view: WindowView, intervalMs: number, from: number): [number, Money][] {
  const totals = new Map<number, Money>();
  for (const minutes of [view.principalByMinute, view.outflowByMinute]) {
    for (const [minute, units] of minutes) {
      const interval = Math.floor((minute * MINUTE_MS) / intervalMs);
      if (interval >= from && units > zero) totals.set(interval, addMoney(totals.get(interval) ?? zero, units));
    }
  }
  return [...totals].sort(([a], [b]) => a - b);
}

interface Payment {
  at: number;
  eventId: string;
  payee: string;
  /** Whether that is somebody's name: the account says what a payment was, not who got it. */
  isNamed: boolean;
  units: Money;
}

/** The payments of an interval that are still kept, oldest first. */
function spentIn(view: WindowView, interval: number, { intervalMs }: CostAnomalyThresholds): Payment[] {
  const isWithin = ({ at }: { at: number }) => Math.floor(at / intervalMs) === interval;
  const escrows = view.escrows.flatMap(({ payee, amount, opened }) =>
    opened && isWithin(opened) ? [{ ...opened, payee: payee ?? "", isNamed: true, units: money(amount ?? "0") }] : [],
  );
  const outflows = view.outflows.filter(isWithin).map((row) => ({ ...row, isNamed: false, units: money(row.amount) }));
  return [...escrows, ...outflows].sort((a, b) => a.at - b.at);
}

function judge(
  payments: readonly Payment[],
  total: Money,
  known: SpendLimit | undefined,
  thresholds: CostAnomalyThresholds,
): Finding | null {
  const absolute = thresholds.absolutePerInterval;
  const isOver = known !== undefined && total > known.limit;
  const isOverAbsolute = absolute !== null && total > absolute;
  const top = topPayee(payments, thresholds.topPayeeShare, known && twice(known.limit));
  if (top === null || (!isOver && !isOverAbsolute)) return null;
  const isSpread = top.share < thresholds.topPayeeShare;
  const isBatch = isSpread && thresholds.baseline === "robust";
  const isCritical =
    (isOver && total > twice(known.limit) && !isBatch) || (absolute !== null && total > twice(absolute));
  const limit = isOver ? known.limit : absolute!;
  const observed: Finding["observed"] = { total: formatMoney(total), topPayee: top.payee, topPayeeShare: top.share };
  if (known && known.z !== null) observed.z = known.z;
  return {
    severity: isCritical ? "critical" : "warning",
    sentence: sentenceOf(total, limit, top, thresholds),
    suspectPayee: isSpread || !payments.some(({ payee, isNamed }) => isNamed && payee === top.payee) ? null : top.payee,
    thresholds: thresholdsShown(known, thresholds),
    observed,
    baseline: known?.baseline ?? null,
    entries: payments,
  };
}

const twice = (limit: Money): Money => (limit * 2n) as Money;

interface TopPayee {
  payee: string;
  /** 0..1, of the payments that are kept. */
  share: number;
}

/**
 * Who gets the most of it, at the end of the interval; or, where there was a moment when more than `from` was spent and enough of
 * it had gone to one payee, at that moment: so it does not matter in which order the events arrived. Null where no payment is kept.
 */
function topPayee(payments: readonly Payment[], enough: number, from: Money | undefined): TopPayee | null {
  const byPayee = new Map<string, Money>();
  let sum = zero;
  let last: TopPayee | null = null;
  for (const [index, { payee, units }] of payments.entries()) {
    byPayee.set(payee, addMoney(byPayee.get(payee) ?? zero, units));
    sum = addMoney(sum, units);
    const isTelling = from !== undefined && sum > from;
    if (!isTelling && index < payments.length - 1) continue;
    const [top, most] = [...byPayee].reduce((first, one) => (one[1] > first[1] ? one : first));
    last = { payee: top, share: sum === zero ? 0 : Number((most * 1000n) / sum) / 1000 };
    if (isTelling && last.share >= enough) return last;
  }
  return last;
}

function thresholdsShown(known: SpendLimit | undefined, thresholds: CostAnomalyThresholds): Finding["thresholds"] {
  const { intervalMs, sigmas, minimumFactor, topPayeeShare, minimumSpend, absolutePerInterval } = thresholds;
  return {
    intervalMs,
    minimumSpend: formatMoney(minimumSpend),
    ...(known && {
      limitPerInterval: formatMoney(known.limit),
      criticalPerInterval: formatMoney(twice(known.limit)),
      sigmas,
    }),
    ...(thresholds.baseline === "robust" && { minimumFactor, topPayeeShare }),
    ...(absolutePerInterval !== null && { absolutePerInterval: formatMoney(absolutePerInterval) }),
  };
}

function sentenceOf(
  total: Money,
  limit: Money,
  { payee, share }: TopPayee,
  { intervalMs }: CostAnomalyThresholds,
): string {
  const minutes = intervalMs / MINUTE_MS;
  const within = minutes === 1 ? "a minute" : `${minutes} min`;
  const most = `${Math.round(share * 100)} % of it to ${payee}`;
  return `${formatMoney(total)} spent within ${within}, ${most}; the limit for this agent is ${formatMoney(limit)}`;
}
