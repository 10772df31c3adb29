import type { IncidentView } from "../../incident/incident.ts";
import { formatMoney, type Money, money } from "../../incident/money.ts";
import { isByOrder } from "../../incident/ordered.ts";
import { isFee, isOutflow } from "../../incident/outflow.ts";
import { dollars, lasting, utc } from "../../incident/plain-words.ts";
import type { Impact } from "../../incident/post-mortem.ts";
import { relapseOf } from "../../incident/relapse.ts";
import type { Signal, SignalKind } from "../../incident/signal.ts";
import { perMinute, SHORTEST_TREND_MS, toCents } from "../../incident/trend.ts";
import { planOf } from "../../runbooks/plan.ts";
import { beginningOf } from "./beginning.ts";
import {
  availableAtContainment,
  type EscrowRow,
  escrowsTold,
  type Parts,
  transactionsTold,
  within,
} from "./evidence.ts";
import { type GatewayClock, upTo } from "./gateway-clock.ts";
import { count, iso, list } from "./in-words.ts";

type Prevented = Impact["prevented"];

/** Signals that say something about how money was spent. */
const aboutMoney: readonly SignalKind[] = [
  "budget-exhaustion",
  "budget-warning",
  "cost-anomaly",
  "escrow-burst",
  "payee-concentration",
  "cancellation-rate",
  "shared-resource-exhausted",
];

/** What ended a recovery has the kind of what the agent was contained for before, and says nothing of its spending now. */
const isAboutMoney = (signal: Signal): boolean => aboutMoney.includes(signal.kind) && relapseOf(signal) === null;

export interface PreventedFrom {
  incident: IncidentView;
  parts: Parts;
  firstAnomalyAt: number;
  clock: GatewayClock;
  /** Settings learn.humanResponseMs. */
  humanResponseMs: number;
}

/**
 * F2: what the trend would have cost until a human came. The principal that the agent committed between the first anomaly and the
 * freeze, per minute, times the minutes from the freeze until a person came, and never more than the wallet still held. Cut down
 * to whole cents. Never claims more than the inputs bear: what is missing is said, and counts as nothing or as unknown.
 */
export function preventedLoss(from: PreventedFrom): Prevented {
  const nothing = whyNothing(from.incident);
  if (nothing !== null) return { amount: "0.00", why: nothing, inputs: null, assumptions: [] };
  const spending = committed(from);
  if (spending === null)
    return {
      amount: null,
      why: "The gateway never said which escrows the agent had opened, so there is no trend to go by.",
      inputs: null,
      assumptions: [],
    };
  if (!from.clock.isKnown && spending.payments > 0)
    return { amount: null, why: from.clock.said, inputs: null, assumptions: [] };
  return estimate(from, spending);
}

function whyNothing(incident: IncidentView): string | null {
  const { signals, effectiveAt, standDown, runbooks, dryRun } = incident;
  if (isByOrder(incident))
    return "The agent was frozen by an order for the whole fleet, and not for anything it spent.";
  if (standDown) return "A person called it a false alarm: what the agent would have spent was meant to be spent.";
  if (dryRun) return "It was a dry run: nothing was stopped.";
  if (!signals.some(isAboutMoney))
    return "Nothing about the agent's spending was out of the ordinary, so there is no trend to go by.";
  if (planOf({ runbooks }).budget !== "freeze")
    return "The agent could go on spending within a smaller budget, so what it did not spend is not counted.";
  if (effectiveAt === null) return "The freeze was never seen to take effect.";
  return null;
}

interface Committed {
  principal: Money;
  payments: number;
  payees: readonly string[] | null;
  windowMs: number;
  fromMs: number;
  /** Transactions were not to be had. */
  isPartial: boolean;
}

/** What left or was locked between the first anomaly and the freeze, fees aside. Null: not known. */
function committed({ incident, parts, firstAnomalyAt, clock }: PreventedFrom): Committed | null {
  const freezeAt = incident.effectiveAt!;
  const escrows = escrowsTold(parts, "latest");
  if (escrows === undefined) return null;
  const spending = incident.signals.filter(isAboutMoney);
  const suspects = spending.map(({ suspectPayee }) => suspectPayee);
  const payees = suspects.every((payee) => payee !== null) ? [...new Set(suspects)].sort() : null;
  const inTime = clock.isKnown ? within(beginningOf(parts, firstAnomalyAt), upTo(freezeAt, clock)) : () => true;
  const isMeant = ({ payer, payee }: EscrowRow) =>
    payer === incident.agentId && (payees === null || payees.includes(payee));
  const transactions = transactionsTold(parts);
  const paid = (payees === null ? (transactions ?? []) : []).filter(
    ({ amount, description, ...row }) => inTime(row) && isOutflow(amount, description) && !isFee(description),
  );
  const amounts = [
    ...escrows.filter((row) => isMeant(row) && inTime(row)).map(({ amount }) => amount),
    ...paid.map(({ amount }) => -amount),
  ];
  return {
    principal: amounts.reduce<bigint>((sum, amount) => sum + amount, 0n) as Money,
    payments: amounts.length,
    payees,
    fromMs: Math.min(firstAnomalyAt, freezeAt),
    windowMs: Math.max(SHORTEST_TREND_MS, freezeAt - firstAnomalyAt),
    isPartial: payees === null && transactions === undefined,
  };
}

function estimate(from: PreventedFrom, spending: Committed): Prevented {
  const { incident, parts } = from;
  const { principal, payments, payees, windowMs, fromMs, isPartial } = spending;
  const freezeAt = incident.effectiveAt!;
  const human = humanCame(from);
  const humanMs = Math.max(0, human.at - freezeAt);
  const trend = toCents((principal * BigInt(humanMs)) / BigInt(windowMs));
  const recovered = new Set(
    incident.escrows.filter(({ result }) => result === "recovered").map(({ escrowId }) => escrowId),
  );
  const available = availableAtContainment(parts, recovered);
  const bound = available === null ? null : money(available);
  const amount = bound !== null && bound < trend ? bound : trend;
  const inputs = {
    principal: formatMoney(principal),
    payments,
    payees: payees && [...payees],
    from: iso(fromMs),
    until: iso(freezeAt),
    windowMs,
    perMinute: formatMoney(perMinute(principal, windowMs)),
    humanAt: iso(freezeAt + humanMs),
    humanMs,
    humanBasis: human.basis,
    trend: formatMoney(trend),
    available,
  };
  const why = reason(inputs, amount === trend);
  if (payments === 0) return { amount: "0.00", why, inputs: null, assumptions: [] };
  return {
    amount: formatMoney(amount),
    why,
    inputs,
    assumptions: [
      "The agent would have gone on at the same pace.",
      ...(freezeAt - fromMs < SHORTEST_TREND_MS
        ? [
            `Its pace is counted over a whole minute, though it took only ${lasting(freezeAt - fromMs)} until the freeze.`,
          ]
        : []),
      basisInWords[human.basis](humanMs),
      ...(from.clock.said === null ? [] : [from.clock.said]),
      available === null
        ? "What was left in the wallet is not known, so the trend is not bounded by it."
        : `At containment the wallet could still have paid ${dollars(available)}; what had come back from cancelled escrows by then is not counted.`,
      ...(isPartial ? ["Payments other than escrows could not be read and are not counted."] : []),
    ],
  };
}

type Basis = "acknowledged" | "acted" | "assumed";

/**
 * The moment a person was there: when the incident was acknowledged, else as assumed, or when somebody acted, whichever came
 * first. To ask for the recovery acknowledges too, and proves only that a person was there by then.
 */
function humanCame({ incident, humanResponseMs }: PreventedFrom): { at: number; basis: Basis } {
  const acted = incident.recovery?.askedAt ?? Number.POSITIVE_INFINITY;
  const { acknowledged } = incident;
  if (acknowledged && acknowledged.at < acted) return { at: acknowledged.at, basis: "acknowledged" };
  const assumed = incident.effectiveAt! + humanResponseMs;
  return acted < assumed ? { at: acted, basis: "acted" } : { at: assumed, basis: "assumed" };
}

const basisInWords: Readonly<Record<Basis, (ms: number) => string>> = {
  acknowledged: (ms) => `A person acknowledged the incident ${lasting(ms)} after the freeze.`,
  acted: (ms) => `A person asked to bring the agent back ${lasting(ms)} after the freeze, so one was there by then.`,
  assumed: (ms) =>
    `Without the freeze a person would have come after ${lasting(ms)} (the setting learn.humanResponseMs; nobody acknowledged the incident before).`,
};

function reason(inputs: NonNullable<Prevented["inputs"]>, isTrend: boolean): string {
  if (inputs.payments === 0) return "The agent committed no money between the first anomaly and the freeze.";
  const to = inputs.payees === null ? "" : ` to ${list(inputs.payees)}`;
  const pace = `From ${utc(inputs.from)} to the freeze the agent committed ${dollars(inputs.principal)} in ${count(inputs.payments, "payment")}${to}, ${dollars(inputs.perMinute)} a minute.`;
  if (inputs.humanMs === 0) return `${pace} A person was there before the freeze took effect, so nothing is counted.`;
  const trend = `In the ${lasting(inputs.humanMs)} until a person came that would have been ${dollars(inputs.trend)}`;
  return isTrend
    ? `${pace} ${trend}.`
    : `${pace} ${trend}, but the wallet held no more than ${dollars(inputs.available!)}.`;
}
