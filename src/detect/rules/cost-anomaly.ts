import { addMoney, formatMoney, type Money, money, zero } from "../../incident/money.ts";
import { dollars } from "../../incident/plain-words.ts";
import type { WindowView } from "../../incident/windows.ts";
import type { CostAnomalyThresholds } from "../../settings/thresholds.ts";
import { type Payment, type Repetition, repetition } from "../repetition.ts";
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
  version: 2,
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
      ([interval, total]) => judge(spentIn(view, interval, total, thresholds), limits.get(interval), thresholds) ?? [],
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

/** What was spent in one interval. */
interface Spent {
  total: Money;
  /** The part of it that went into escrows, whose payees we know. */
  named: Money;
  /** Those that are still kept, oldest first. The account says what a payment was, not who got it. */
  payments: readonly Payment[];
}

function spentIn(view: WindowView, interval: number, total: Money, { intervalMs }: CostAnomalyThresholds): Spent {
  const isWithin = (at: number) => Math.floor(at / intervalMs) === interval;
  const escrows = view.escrows.flatMap(({ payee, amount, opened }) =>
    opened && isWithin(opened.at) ? [{ ...opened, payee, units: money(amount ?? "0") }] : [],
  );
  const outflows = view.outflows
    .filter(({ at }) => isWithin(at))
    .map(({ at, eventId, amount }) => ({ at, eventId, payee: null, units: money(amount) }));
  const named = [...view.principalByMinute].reduce(
    (sum, [minute, units]) => (isWithin(minute * MINUTE_MS) ? addMoney(sum, units) : sum),
    zero,
  );
  return { total, named, payments: [...escrows, ...outflows].sort((a, b) => a.at - b.at) };
}

function judge(spent: Spent, known: SpendLimit | undefined, thresholds: CostAnomalyThresholds): Finding | null {
  const { total, payments } = spent;
  const absolute = thresholds.absolutePerInterval;
  const isOver = known !== undefined && total > known.limit;
  const isOverAbsolute = absolute !== null && total > absolute;
  if (!isOver && !isOverAbsolute) return null;
  const isLoss = (moment: Repetition) => known !== undefined && isCritical(moment, known.limit, thresholds);
  const moment = repetition(payments, spent, isLoss);
  if (moment === null) return null;
  const critical = isLoss(moment) || (absolute !== null && total > twice(absolute));
  return {
    severity: critical ? "critical" : "warning",
    sentence: sentenceOf(total, isOver ? known.limit : absolute!, moment, thresholds),
    // A payee that many pay is nobody's accomplice: only a loop that is critical points at one.
    suspectPayee: critical && moment.share >= thresholds.repeatedShare ? moment.mostRepeated : null,
    thresholds: thresholdsShown(known, thresholds),
    observed: observedOf(total, moment, known),
    baseline: known?.baseline ?? null,
    entries: payments,
  };
}

const twice = (limit: Money): Money => (limit * 2n) as Money;

/**
 * Over twice the limit. The robust baseline asks for more: a loss repeats itself, and what it repeats is over the limit alone
 * and most of what was spent. A batch pays each payee once, a purchase is one payment: those are told to a person, unless a
 * single payment is more than would be critical of an agent nobody knows.
 */
function isCritical(moment: Repetition, limit: Money, thresholds: CostAnomalyThresholds): boolean {
  if (moment.spent <= twice(limit)) return false;
  if (thresholds.baseline === "mean-sigma") return true;
  const isLoop = moment.repeated > limit && moment.share >= thresholds.repeatedShare;
  return isLoop || moment.largestPayment > twice(thresholds.coldStartPerInterval);
}

function thresholdsShown(known: SpendLimit | undefined, thresholds: CostAnomalyThresholds): Finding["thresholds"] {
  const { intervalMs, sigmas, minimumFactor, repeatedShare, minimumSpend, absolutePerInterval } = thresholds;
  const singlePayment = formatMoney(twice(thresholds.coldStartPerInterval));
  return {
    intervalMs,
    minimumSpend: formatMoney(minimumSpend),
    ...(known && {
      limitPerInterval: formatMoney(known.limit),
      criticalPerInterval: formatMoney(twice(known.limit)),
      sigmas,
    }),
    ...(thresholds.baseline === "robust" && { minimumFactor, repeatedShare, singlePayment }),
    ...(absolutePerInterval !== null && { absolutePerInterval: formatMoney(absolutePerInterval) }),
  };
}

/** spentByThen: only where a later part of the interval would hide what its first part shows. */
function observedOf(total: Money, moment: Repetition, known: SpendLimit | undefined): Finding["observed"] {
  return {
    total: formatMoney(total),
    ...(moment.spent !== total && { spentByThen: formatMoney(moment.spent) }),
    repeated: formatMoney(moment.repeated),
    repeatedShare: moment.share,
    payments: moment.payments,
    payees: moment.payees,
    largestPayment: formatMoney(moment.largestPayment),
    ...(known && known.z !== null && { z: known.z }),
  };
}

function sentenceOf(
  total: Money,
  limit: Money,
  { spent, repeated, share, largestPayment, ...moment }: Repetition,
  { intervalMs }: CostAnomalyThresholds,
): string {
  const minutes = intervalMs / MINUTE_MS;
  const within = minutes === 1 ? "a minute" : `${minutes} min`;
  const first = spent === total ? "" : `, the first ${dollars(spent)} of it`;
  const again = moment.payees === 0 ? "" : `, ${dollars(repeated)} (${Math.round(share * 100)} %) repeated`;
  const what = `${first} ${toWhom(moment)}${again}, the largest payment ${dollars(largestPayment)}`;
  return `${dollars(total)} spent within ${within}${what}; the limit for this agent is ${dollars(limit)}`;
}

/** The account says of a payment what it was, not who got it. */
function toWhom({
  payments,
  isMore,
  payees,
  unnamed,
}: Pick<Repetition, "payments" | "isMore" | "payees" | "unnamed">): string {
  const inPayments = `in ${isMore ? "more than " : ""}${payments === 1 ? "1 payment" : `${payments} payments`}`;
  const toPayees = payees === 1 ? "to 1 payee" : `to ${payees} payees`;
  if (payees === 0) return inPayments;
  return unnamed === 0 ? toPayees : `${inPayments}, ${payments - unnamed} of them ${toPayees}`;
}
