import type { Money } from "./money.ts";

/** One escrow that its payer opened. Amount is a decimal string. */
export interface OpenedEscrow {
  escrowId: string;
  payee: string;
  amount: string;
  at: number;
  eventId: string;
}

/** How an escrow ended. isOurs: the cancel was containment's own, or came while the agent was contained. */
export interface EscrowEnd {
  state: "settled" | "refunded" | "expired";
  at: number;
  eventId: string;
  isOurs: boolean;
}

/** An opened escrow and what became of it; end null: held, as far as we know. */
export interface WindowEntry extends OpenedEscrow {
  end: EscrowEnd | null;
}

/** News that an escrow ended; payee and amount null where the news does not say. */
export interface EndedEscrow extends Omit<EscrowEnd, "isOurs"> {
  escrowId: string;
  payee: string | null;
  amount: string | null;
}

/** An escrow of which we saw the opening, the end, or both. What was held against the agent before is null again. */
export interface SeenEscrow {
  escrowId: string;
  payee: string | null;
  amount: string | null;
  opened: { at: number; eventId: string } | null;
  end: EscrowEnd | null;
}

/** Money that left the account other than into an escrow: payments, withdrawals, fees. Amount positive, a decimal string. */
export interface Outflow {
  transactionId: string;
  /** Who got it, or what stands in where the account does not say. */
  payee: string;
  amount: string;
  at: number;
  eventId: string;
}

/** What the rules over an agent's money look at. All of it as Redis has it after the event at `at` was added. */
export interface WindowView {
  /** Time of the event that made us look. */
  at: number;
  /** Escrows opened near it in time, and not before the last incident was over. */
  entries: readonly WindowEntry[];
  /** Escrows opened or ended within an hour of it. */
  escrows: readonly SeenEscrow[];
  /** The newest outflows within an hour of it, at most 30. */
  outflows: readonly Omit<Outflow, "transactionId">[];
  /** Principal opened per minute since 1970/60 s, the current ones included. */
  principalByMinute: ReadonlyMap<number, Money>;
  /** The same of all outflows. */
  outflowByMinute: ReadonlyMap<number, Money>;
  /** Minutes up to this one were answered by an incident that is over, and are judged no more; -1: none. */
  afreshMinute: number;
  epoch: number;
  /** How many dry-run incidents the agent has had and ended: they leave the epoch alone (P5). */
  observed: number;
  openIncident: string | null;
  capsSeenAt: number | null;
}

/** How much of an agent's escrows is looked at. */
export interface Reach {
  /** The newest so many are kept. */
  escrows: number;
  /** Of opened ones, so far either side of the event. An hour at most. */
  nearMs: number;
}

/** Where no threshold needs more to be seen at all: 20 KB an agent (performance.md Q6), and the 5 min of D5. */
export const usualReach: Reach = { escrows: 80, nearMs: 300_000 };

/** An agent's money as its events tell of it. Whatever comes twice counts once; order changes nothing. */
export interface Windows {
  observeEscrow(agentId: string, opened: OpenedEscrow, reach?: Reach): Promise<WindowView>;
  observeEnd(agentId: string, ended: EndedEscrow, reach?: Reach): Promise<WindowView>;
  observeOutflow(agentId: string, outflow: Outflow): Promise<WindowView>;
}
