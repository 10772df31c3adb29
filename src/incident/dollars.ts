import type { Dollars, EscrowRecord } from "./incident.ts";
import { addMoney, formatMoney, type Money, money, zero } from "./money.ts";

/** locked is everything we ever saw held for the agent; what was skipped was never ours to take back. */
export function sumDollars(escrows: readonly EscrowRecord[]): Dollars {
  const sumOf = (...results: EscrowRecord["result"][]): string =>
    formatMoney(
      escrows
        .filter((escrow) => results.includes(escrow.result))
        .reduce<Money>((sum, escrow) => addMoney(sum, money(escrow.amount)), zero),
    );
  return { locked: sumOf("held", "failed", "recovered", "lost"), recovered: sumOf("recovered"), lost: sumOf("lost") };
}
