import type { Scenario } from "./scenario.ts";

const wallet = { walletId: "treasury", balance: "50000.00", dailyCap: "1000.00", monthlyCap: "20000.00" };

/**
 * The 2:47 story: 312 escrows of 150 in 11 minutes, 46,800 locked. The daily cap counts gateway fees (2.25 each, 702 in
 * all), so it never fires. Four agents of one wallet, so that without a stop three more would run dry.
 */
export const runaway: Scenario = {
  name: "runaway",
  story: "02:47. procurement-17 retries against a flaky upstream service and opens a new escrow each time.",
  speed: 60,
  agents: ["procurement-17", "procurement-04", "catalog-02", "freight-09"].map((agentId) => ({ agentId, ...wallet })),
  acts: [
    { atMs: 0, does: "open", payer: "procurement-17", payee: "paper-mill", amount: "420.00" },
    { atMs: 0, does: "open", payer: "procurement-04", payee: "paper-mill", amount: "95.50" },
    { atMs: 0, does: "open", payer: "catalog-02", payee: "photo-studio", amount: "60.00" },
    { atMs: 0, does: "open", payer: "freight-09", payee: "harbour-crane", amount: "310.25" },
    {
      atMs: 0,
      does: "loop",
      ...{ payer: "procurement-17", payee: "flaky-upstream", amount: "150.00" },
      ...{ attempts: 312, everyMs: 2115 },
    },
  ],
  expected: {
    signal: "escrow-burst",
    isSingleCause: true,
    frozen: ["procurement-17"],
    comesBack: [{ payer: "procurement-17" }],
  },
};
