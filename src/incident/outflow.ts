import { type Money, zero } from "./money.ts";

/**
 * What leaves the account for good, by the gateway's own descriptions (greenhelix.md 1.7). The money of `escrow_hold` is counted
 * as the escrow's; a conversion stays with the agent. What comes back reduces nothing: a loop that is refunded was a loop all
 * the same.
 */
export function isOutflow(amount: Money, description: string): boolean {
  return amount < zero && !/^(escrow_hold|convert):/.test(description);
}

/** What the gateway takes for its own calls. */
export function isFee(description: string): boolean {
  return description.startsWith("gateway:");
}
