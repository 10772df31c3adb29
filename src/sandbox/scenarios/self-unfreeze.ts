import { ordinaryBusiness, trader } from "./ordinary.ts";
import type { Scenario } from "./scenario.ts";

const escrow = { payer: "loader-31", payee: "flaky-upstream", amount: "150.00" };

/** The agent's own key may lift its cap, and the gateway's batch route does not look at caps: a freeze must be held, not set. */
export const selfUnfreeze: Scenario = {
  name: "self-unfreeze",
  story: "loader-31 finds itself frozen, lifts its own cap, and slips more escrows in through the batch route.",
  speed: 10,
  agents: [trader("loader-31"), trader("ledger-01")],
  switches: { holdEveryMs: 1_000 },
  acts: [
    {
      atMs: 0,
      does: "loop",
      ...escrow,
      ...{ attempts: 24, everyMs: 2_115 },
      onceRefused: [
        { atMs: 0, does: "lift-caps", agentId: "loader-31", daily: "5000.00", monthly: "50000.00" },
        { atMs: 15_000, does: "open-by-batch", ...escrow, count: 4 },
      ],
    },
    ...ordinaryBusiness("ledger-01", { fromMs: 1_000, everyMs: 12_000, count: 4 }),
  ],
  expected: {
    signal: "escrow-burst",
    isSingleCause: true,
    frozen: ["loader-31"],
    comesBack: [{ payer: "loader-31" }],
    isBreached: true,
  },
};
