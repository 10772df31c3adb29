import { addMoney, formatMoney, type Money, money, zero } from "../../incident/money.ts";
import type { WindowView } from "../../incident/windows.ts";
import type { CostAnomalyThresholds } from "../../settings/thresholds.ts";
import { type Concentration, concentration, type Payment } from "../concentration.ts";
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

/** isNamed: the payee is somebody's name; the account says what a payment was, not who got it. */
type NamedPayment = Payment & { isNamed: boolean };

/** The payments of an interval that are still kept, oldest first. */
function spentIn(view: WindowView, interval: number, { intervalMs }: CostAnomalyThresholds): NamedPayment[] {
  const isWithin = ({ at }: { at: number }) => Math.floor(at / intervalMs) === interval;
  const escrows = view.escrows.flatMap(({ payee, amount, opened }) =>
    opened && isWithin(opened) ? [{ ...opened, payee: payee ?? "", isNamed: true, units: money(amount ?? "0") }] : [],
  );
  const outflows = view.outflows.filter(isWithin).map((row) => ({ ...row, isNamed: false, units: money(row.amount) }));
  return [...escrows, ...outflows].sort((a, b) => a.at - b.at);
}

function judge(
  payments: readonly NamedPayment[],
  total: Money,
  known: SpendLimit | undefined,
  thresholds: CostAnomalyThresholds,
): Finding | null {
  const absolute = thresholds.absolutePerInterval;
  const isOver = known !== undefined && total > known.limit;
  const isOverAbsolute = absolute !== null && total > absolute;
  if (!isOver && !isOverAbsolute) return null;
  const isLoss = (moment: Concentration) => known !== undefined && isCritical(moment, known.limit, thresholds);
  const top = concentration(payments, total, isLoss);
  if (top === null) return null;
  const observed: Finding["observed"] = { total: formatMoney(total), topPayee: top.payee, topPayeeShare: top.share };
  if (known && known.z !== null) observed.z = known.z;
  const isNamed = payments.some((payment) => payment.isNamed && payment.payee === top.payee);
  return {
    severity: isLoss(top) || (absolute !== null && total > twice(absolute)) ? "critical" : "warning",
    sentence: sentenceOf(total, isOver ? known.limit : absolute!, top, thresholds),
    suspectPayee: isNamed && top.share >= thresholds.topPayeeShare ? top.payee : null,
    thresholds: thresholdsShown(known, thresholds),
    observed,
    baseline: known?.baseline ?? null,
    entries: payments,
  };
}

const twice = (limit: Money): Money => (limit * 2n) as Money;

/**
 * Over twice the limit. The robust baseline knows more: money that is spread is a batch. And a single payment is a purchase,
 * unless it is out of all proportion: a loss repeats itself, and what it repeats is over the limit alone.
 */
function isCritical({ spent, share, again }: Concentration, limit: Money, thresholds: CostAnomalyThresholds): boolean {
  if (spent <= twice(limit)) return false;
  if (thresholds.baseline === "mean-sigma") return true;
  return share >= thresholds.topPayeeShare && (again > limit || spent > largestPurchase(limit, thresholds));
}

/** How far a single payment may go over the limit of its agent. */
const SINGLE_PAYMENT_FACTOR = 8n;

/** What one payment may be: so many times the limit, and no more than would be critical of an agent nobody knows. */
function largestPurchase(limit: Money, { coldStartPerInterval }: CostAnomalyThresholds): Money {
  const [own, unknown] = [(limit * SINGLE_PAYMENT_FACTOR) as Money, twice(coldStartPerInterval)];
  return own < unknown ? own : unknown;
}

function thresholdsShown(known: SpendLimit | undefined, thresholds: CostAnomalyThresholds): Finding["thresholds"] {
  const { intervalMs, sigmas, minimumFactor, topPayeeShare, minimumSpend, absolutePerInterval } = thresholds;
  const singlePayment = formatMoney(largestPurchase(known?.limit ?? thresholds.coldStartPerInterval, thresholds));
  return {
    intervalMs,
    minimumSpend: formatMoney(minimumSpend),
    ...(known && {
      limitPerInterval: formatMoney(known.limit),
      criticalPerInterval: formatMoney(twice(known.limit)),
      sigmas,
    }),
    ...(thresholds.baseline === "robust" && { minimumFactor, topPayeeShare, singlePayment }),
    ...(absolutePerInterval !== null && { absolutePerInterval: formatMoney(absolutePerInterval) }),
  };
}

function sentenceOf(
  total: Money,
  limit: Money,
  { payee, share }: Concentration,
  { intervalMs }: CostAnomalyThresholds,
): string {
  const minutes = intervalMs / MINUTE_MS;
  const within = minutes === 1 ? "a minute" : `${minutes} min`;
  const most = `${Math.round(share * 100)} % of it to ${payee}`;
  return `${formatMoney(total)} spent within ${within}, ${most}; the limit for this agent is ${formatMoney(limit)}`;
}
