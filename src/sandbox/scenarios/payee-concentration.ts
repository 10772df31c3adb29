import type { Act } from "./act.ts";
import { ordinaryBusiness, trader } from "./ordinary.ts";
import type { Scenario } from "./scenario.ts";

/** Every amount another one, so that no run of equal escrows gives it away, and far below what a minute may lock. */
const drip: readonly Act[] = Array.from({ length: 16 }, (_, index) => ({
  atMs: 10_000 + index * 17_000,
  does: "open",
  ...{ payer: "buyer-06", payee: "shell-trading", amount: `${38 + ((index * 37) % 90)}.${10 + index}` },
}));

/** A payee that talks an agent into one small escrow after the other. */
export const payeeConcentration: Scenario = {
  name: "payee-concentration",
  story: "shell-trading talks buyer-06 into sixteen escrows of differing amounts within five minutes.",
  speed: 80,
  agents: [trader("buyer-06"), trader("ledger-01")],
  acts: [
    { atMs: 0, does: "open", payer: "buyer-06", payee: "paper-mill", amount: "210.00" },
    ...drip,
    ...ordinaryBusiness("ledger-01", { fromMs: 2_000, everyMs: 30_000, count: 6 }),
  ],
  expected: {
    signal: "payee-concentration",
    isSingleCause: true,
    frozen: ["buyer-06"],
    // The paper mill has done nothing wrong: its escrow stays where it is.
    comesBack: [{ payer: "buyer-06", payee: "shell-trading" }],
  },
};
