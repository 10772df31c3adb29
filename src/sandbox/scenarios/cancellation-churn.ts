import type { Act } from "./act.ts";
import { ordinaryBusiness, trader } from "./ordinary.ts";
import type { Scenario } from "./scenario.ts";

/** Opens three, takes two of them back, and again: each time at another supplier, at another price. */
const churn: readonly Act[] = Array.from({ length: 8 }, (_, round) => {
  const fromMs = round * 60_000;
  const opened = [0, 1, 2].map((nth): Act => {
    const index = 3 * round + nth;
    const [payee, amount] = [`supplier-${index % 7}`, `${30 + ((index * 53) % 160)}.00`];
    return { atMs: fromMs + nth * 8_000, does: "open", payer: "sourcing-11", payee, amount };
  });
  const back = [30_000, 38_000].map(
    (afterMs): Act => ({ atMs: fromMs + afterMs, does: "cancel-newest", payer: "sourcing-11" }),
  );
  return [...opened, ...back];
}).flat();

/** Locks suppliers' stock with escrows it does not mean, and lets go again. */
export const cancellationChurn: Scenario = {
  name: "cancellation-churn",
  story: "sourcing-11 reserves at every supplier and takes two of three escrows back.",
  speed: 150,
  agents: [trader("sourcing-11"), trader("ledger-01")],
  acts: [...churn, ...ordinaryBusiness("ledger-01", { fromMs: 5_000, everyMs: 40_000, count: 8 })],
  expected: { signal: "cancellation-rate", isSingleCause: true, frozen: ["sourcing-11"] },
};
