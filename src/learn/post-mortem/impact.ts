import type { EscrowRecord } from "../../incident/incident.ts";
import { formatMoney, type Money, money } from "../../incident/money.ts";
import { isFee, isOutflow } from "../../incident/outflow.ts";
import type { Impact } from "../../incident/post-mortem.ts";
import { beginningOf } from "./beginning.ts";
import { escrowsTold, transactionsTold, within } from "./evidence.ts";
import { upTo } from "./gateway-clock.ts";
import { count, list } from "./in-words.ts";
import { type PreventedFrom, preventedLoss } from "./prevented.ts";

/** F2, in exact decimals: what the incident cost, what came back, and what did not come to pass. */
export function impactOf(from: PreventedFrom): Impact {
  const { incident } = from;
  const of = (...results: EscrowRecord["result"][]) =>
    incident.escrows.filter((escrow) => results.includes(escrow.result));
  const held = of("held", "failed");
  return {
    locked: {
      amount: incident.dollars.locked,
      why: none(of("held", "failed", "recovered", "lost").length, "found held"),
    },
    recovered: {
      amount: incident.dollars.recovered,
      why: none(of("recovered").length, "cancelled and paid back"),
    },
    lost: {
      amount: incident.dollars.lost,
      why: none(of("lost").length, "paid out to the payee before it could be cancelled"),
    },
    stillHeld: {
      amount: formatMoney(held.reduce<bigint>((sum, { amount }) => sum + money(amount), 0n) as Money),
      why:
        held.length === 0
          ? "Nothing is held any more."
          : `${count(held.length, "escrow")} could not be cancelled so far.`,
    },
    ...spentIn(from),
    prevented: preventedLoss(from),
  };
}

const none = (n: number, what: string): string =>
  n === 0 ? `No escrow was ${what}.` : `${count(n, "escrow was", "escrows were")} ${what}.`;

/** What was gone for good between the first anomaly and the freeze, and is not counted as lost. */
function spentIn({ incident, parts, firstAnomalyAt, clock }: PreventedFrom): Pick<Impact, "spent" | "fees"> {
  const untilMs = incident.effectiveAt ?? incident.closedAt ?? Number.POSITIVE_INFINITY;
  // What no known time keeps apart may all belong to it.
  const inTime = clock.isKnown ? within(beginningOf(parts, firstAnomalyAt), upTo(untilMs, clock)) : () => true;
  const transactions = transactionsTold(parts);
  const escrows = escrowsTold(parts, "latest");
  const out = (transactions ?? []).filter((row) => inTime(row) && isOutflow(row.amount, row.description));
  const fees = formatMoney(sum(out.filter(({ description }) => isFee(description)).map(({ amount }) => -amount)));
  const unknown = unknownOf(transactions, escrows);
  const fee = { amount: transactions === undefined ? null : fees, why: feeWhy(transactions !== undefined) };
  if (unknown !== null) return { spent: { amount: null, why: unknown }, fees: fee };
  const counted = new Set(incident.escrows.filter(({ result }) => result === "lost").map(({ escrowId }) => escrowId));
  const settled = escrows!.filter(
    (row) => row.payer === incident.agentId && row.state === "settled" && inTime(row) && !counted.has(row.id),
  );
  if (!clock.isKnown && out.length + settled.length > 0) {
    const notKnown = { amount: null, why: clock.said };
    return { spent: notKnown, fees: notKnown };
  }
  const amount = formatMoney(sum([...out.map((row) => -row.amount), ...settled.map((row) => row.amount)]));
  const until = incident.effectiveAt === null ? "the end" : "the freeze";
  return {
    spent: {
      amount,
      why: [
        spentWhy(out.filter(({ description }) => isFee(description)).length, out.length, settled.length, until),
        ...(clock.said === null ? [] : [clock.said]),
      ].join(" "),
    },
    fees: fee,
  };
}

const sum = (amounts: readonly bigint[]): Money => amounts.reduce((all, one) => all + one, 0n) as Money;

function unknownOf(transactions: unknown, escrows: unknown): string | null {
  const missing = [
    ...(transactions === undefined ? ["its transactions"] : []),
    ...(escrows === undefined ? ["its escrows"] : []),
  ];
  return missing.length === 0 ? null : `The gateway did not show ${missing.join(" and ")}.`;
}

const feeWhy = (isKnown: boolean): string =>
  isKnown
    ? "What the gateway charged for its own calls, by the account's transactions."
    : "The gateway did not show its transactions.";

function spentWhy(fees: number, rows: number, settled: number, until: string): string {
  const parts = [
    ...(fees > 0 ? [count(fees, "fee of the gateway", "fees of the gateway")] : []),
    ...(rows > fees ? [count(rows - fees, "payment")] : []),
    ...(settled > 0 ? [`${count(settled, "escrow")} that had been paid out already`] : []),
  ];
  return parts.length === 0
    ? `Nothing was paid out between the beginning and ${until}.`
    : `Between the first anomaly and ${until}: ${list(parts)}.`;
}
