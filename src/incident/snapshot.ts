import type { BudgetCaps } from "./gateway.ts";
import type { Money } from "./money.ts";

/** The caps of an agent from before its incident (G10). */
export interface Snapshot extends BudgetCaps {
  /** said: by a person; month-said: only the month's, which the gateway never showed. */
  source: "last-seen" | "gateway" | "configured" | "said" | "month-said";
  at: number;
  /** A raise began to give them back. */
  raised?: true;
}

/** The same as a person says them with an order, and the snapshot that they are to stand instead of; null: there is none. */
export interface CapsSaid {
  dailyCap: Money | null;
  monthlyCap: Money | null;
  insteadOf: Snapshot | null;
}
