import type { EventFacts, GatewayEvent } from "../../incident/event.ts";
import { formatMoney, type Money, money, zero } from "../../incident/money.ts";
import { isOutflow } from "../../incident/outflow.ts";
import { cut } from "../../incident/well-formed.ts";
import type { Reach, WindowView } from "../../incident/windows.ts";
import { moneyRules } from "../rules/index.ts";
import { windowSignals } from "../window-signals.ts";
import { reachOf } from "./escrow.ts";
import type { ObservePorts, Observer } from "./observer.ts";

type Transaction = Extract<EventFacts, { kind: "transaction" }>;

/** D3, and what an account tells of cancelled escrows (D6). */
export const transactionObserver: Observer = {
  kinds: ["transaction"],
  async observe(ports, event, thresholds) {
    const { facts, agentId } = event;
    if (facts.kind !== "transaction" || agentId === null) return [];
    const view = await observed(ports, event, { ...facts, agentId }, reachOf(thresholds));
    return view ? windowSignals(agentId, view, moneyRules, thresholds) : [];
  },
};

function observed(
  { windows }: ObservePorts,
  { id: eventId, occurredAt: at }: GatewayEvent,
  { agentId, ...facts }: Transaction & { agentId: string },
  reach: Reach,
): Promise<WindowView> | null {
  const end = escrowEnd(facts.description);
  const amount = money(facts.amount);
  const moved = formatMoney(amount < zero ? (-amount as Money) : amount);
  if (end) return windows.observeEnd(agentId, { ...end, payee: null, amount: moved, at, eventId }, reach);
  if (!isOutflow(amount, facts.description)) return null;
  const { transactionId } = facts;
  return windows.observeOutflow(agentId, { transactionId, payee: standIn(facts, moved), amount: moved, at, eventId });
}

/** The gateway's own descriptions (greenhelix.md 1.7). A release is in the payee's account and says nothing of the payer. */
const ENDED = /^escrow_(refund|expired):(\S+)$/;
const endState = { refund: "refunded", expired: "expired" } as const;

function escrowEnd(description: string): { escrowId: string; state: "refunded" | "expired" } | null {
  const [, word, escrowId] = ENDED.exec(description) ?? [];
  return word && escrowId ? { escrowId, state: endState[word as keyof typeof endState] } : null;
}

/**
 * Who got it, for the share of the top payee. A row names what was paid and not whom: fees go to the gateway, and payments of
 * one kind and amount are taken for payments to one payee. A retry loop repeats its amount; a month-end batch does not.
 */
function standIn({ type, description }: Transaction, amount: string): string {
  const kind = /^([A-Za-z0-9_-]{1,40}):/.exec(description)?.[1] ?? (type || "payment");
  return kind === "gateway" ? "the gateway's fees" : `${cut(kind, 40)} of ${amount}`;
}
