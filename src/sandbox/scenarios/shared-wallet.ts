import type { Act } from "./act.ts";
import { ordinaryBusiness, trader } from "./ordinary.ts";
import type { Scenario } from "./scenario.ts";

const members = ["procurement-17", "procurement-04", "catalog-02", "freight-09"];

/** What fails begins to retry too, every three seconds, until it gets through. */
const tries = (payer: string, payee: string, amount: string, fromMs: number): Act => ({
  ...{ atMs: fromMs, does: "loop", payer, payee, amount },
  ...{ attempts: 6, everyMs: 3_000, untilAccepted: true },
});

/**
 * The end of the 2:47 story, told late in the month: the seventh escrow empties the wallet that four agents share, before the
 * loop is long enough to be one. Three more agents fail on it and begin to retry. Each alone looks like an empty purse.
 */
export const sharedWallet: Scenario = {
  name: "shared-wallet",
  story: "procurement-17 empties the wallet it shares with three others; they fail on it and begin to retry too.",
  speed: 10,
  agents: [
    ...members.map((id) => trader(id, { walletId: "treasury", balance: "1100.00", reportsErrors: true })),
    trader("ledger-01"),
  ],
  acts: [
    {
      atMs: 0,
      does: "loop",
      ...{ payer: "procurement-17", payee: "flaky-upstream", amount: "150.00", attempts: 16, everyMs: 2_115 },
    },
    tries("procurement-04", "paper-mill", "95.50", 15_000),
    tries("catalog-02", "photo-studio", "60.00", 15_300),
    tries("freight-09", "harbour-crane", "310.25", 15_600),
    { atMs: 16_000, does: "send-errors" },
    { atMs: 26_000, does: "send-errors" },
    ...ordinaryBusiness("ledger-01", { fromMs: 500, everyMs: 6_000, count: 3 }),
  ],
  expected: {
    signal: "shared-resource-exhausted",
    isSingleCause: false,
    frozen: members,
    comesBack: members.map((payer) => ({ payer })),
    rootCause: "procurement-17",
  },
};
