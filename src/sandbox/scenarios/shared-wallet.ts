import type { Act } from "./act.ts";
import { ordinaryBusiness, trader } from "./ordinary.ts";
import type { Scenario } from "./scenario.ts";

const purse = { walletId: "treasury", balance: "1100.00", reportsErrors: true };

/** Tries again every three seconds, as the story has it: what fails begins to retry too. */
const tries = (payer: string, payee: string, amount: string, fromMs: number): Act => ({
  atMs: fromMs,
  does: "loop",
  ...{ payer, payee, amount, attempts: 10, everyMs: 3_000 },
});

/**
 * The end of the 2:47 story, told late in the month: the seventh escrow empties the wallet that four agents share, before the
 * loop is long enough to be one. Three more agents fail on it and begin to retry. Each alone looks like a full stop.
 */
export const sharedWallet: Scenario = {
  name: "shared-wallet",
  story: "procurement-17 empties the wallet it shares with three others; they fail on it and begin to retry too.",
  speed: 15,
  agents: [
    ...["procurement-17", "procurement-04", "catalog-02", "freight-09"].map((agentId) => trader(agentId, purse)),
    trader("ledger-01"),
  ],
  acts: [
    {
      atMs: 0,
      does: "loop",
      ...{ payer: "procurement-17", payee: "flaky-upstream", amount: "150.00", attempts: 30, everyMs: 2_115 },
    },
    tries("procurement-04", "paper-mill", "95.50", 16_000),
    tries("catalog-02", "photo-studio", "60.00", 18_000),
    tries("freight-09", "harbour-crane", "310.25", 19_000),
    ...ordinaryBusiness("ledger-01", { fromMs: 500, everyMs: 9_000, count: 5 }),
  ],
  expected: {
    signal: "shared-resource-exhausted",
    isSingleCause: false,
    frozen: ["procurement-17", "procurement-04", "catalog-02", "freight-09"],
    comesBack: [{ payer: "procurement-17" }],
  },
};
