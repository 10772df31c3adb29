import type { Act } from "./act.ts";
import { ordinaryBusiness, trader } from "./ordinary.ts";
import type { Scenario } from "./scenario.ts";

const payer = "sourcing-11";

/** Three escrows a minute, each at another price: one that it means, and two that it takes back. */
const churn: readonly Act[] = Array.from({ length: 8 }, (_, round): Act[] => {
  const fromMs = round * 60_000;
  const price = (nth: number) => `${30 + (((3 * round + nth) * 53) % 160)}.00`;
  return [
    { atMs: fromMs, does: "open", payer, payee: `supplier-${round % 5}`, amount: price(0) },
    { atMs: fromMs + 8_000, does: "open", payer, payee: "rare-metals", amount: price(1) },
    { atMs: fromMs + 16_000, does: "open", payer, payee: "rare-metals", amount: price(2) },
    { atMs: fromMs + 30_000, does: "cancel-newest", payer },
    { atMs: fromMs + 38_000, does: "cancel-newest", payer },
  ];
}).flat();

/** Locks a supplier's stock with escrows it does not mean, and lets go again. */
export const cancellationChurn: Scenario = {
  name: "cancellation-churn",
  story: "sourcing-11 reserves at rare-metals and takes it back, again and again: two of three escrows it opens.",
  speed: 150,
  agents: [trader(payer), trader("ledger-01")],
  acts: [...churn, ...ordinaryBusiness("ledger-01", { fromMs: 5_000, everyMs: 40_000, count: 8 })],
  expected: {
    signal: "cancellation-rate",
    isSingleCause: true,
    frozen: [payer],
    mayComeBack: [{ payer, payee: "rare-metals" }],
  },
};
