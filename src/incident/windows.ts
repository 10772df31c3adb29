import type { Money } from "./money.ts";

/** One opened escrow as the windows keep it. Amount is a decimal string and `units` the same in 1e-8. */
export interface WindowEntry {
  escrowId: string;
  payee: string;
  amount: string;
  at: number;
  eventId: string;
}

export interface WindowView {
  entries: readonly WindowEntry[];
  /** Principal opened per minute since 1970/60 s, the current ones included. */
  principalByMinute: ReadonlyMap<number, Money>;
  epoch: number;
  /** How many dry-run incidents the agent has had and ended: they leave the epoch alone (P5). */
  observed: number;
  openIncident: string | null;
  capsSeenAt: number | null;
}

export interface Windows {
  /** Adds the escrow once, however often it is delivered, and answers everything near it in time. */
  observeEscrow(agentId: string, entry: WindowEntry): Promise<WindowView>;
}
