import type { Act } from "./act.ts";
import { ordinaryBusiness, trader } from "./ordinary.ts";
import type { Scenario } from "./scenario.ts";

/** The payee pays itself the oldest escrow: one while the loop still looks like business, four more as it is being stopped. */
const grabs: readonly Act[] = [6_000, 16_930, 17_400, 18_000, 19_000].map((atMs) => ({
  atMs,
  does: "release",
  ...{ by: "payee", payer: "courier-08", payee: "shell-market", count: 1 },
}));

/** Nothing stops a payee from releasing what it is owed: what it was quick enough for is lost, and the score says which. */
export const payeeRace: Scenario = {
  name: "payee-race",
  story: "courier-08 loops, and shell-market, who knows, releases escrows to itself while they are being cancelled.",
  speed: 20,
  agents: [trader("courier-08"), trader("ledger-01")],
  acts: [
    {
      atMs: 0,
      does: "loop",
      ...{ payer: "courier-08", payee: "shell-market", amount: "150.00", attempts: 40, everyMs: 2_115 },
    },
    ...grabs,
    ...ordinaryBusiness("ledger-01", { fromMs: 1_000, everyMs: 12_000, count: 4 }),
  ],
  expected: {
    signal: "escrow-burst",
    isSingleCause: true,
    frozen: ["courier-08"],
    comesBack: [{ payer: "courier-08" }],
    lost: { atLeast: "300.00", atMost: "750.00" },
  },
};
