import { ordinaryBusiness, trader } from "./ordinary.ts";
import type { Scenario } from "./scenario.ts";

/** Bad work is not theft: the agent keeps half its budget, and its escrows. */
export const degradation: Scenario = {
  name: "degradation",
  story: "fulfil-12 begins to deliver rubbish, and the gateway's opinion of it falls from 0.86 to 0.50 at once.",
  speed: 40,
  agents: [trader("fulfil-12", { reputation: 0.9 }), trader("ledger-01", { reputation: 0.88 })],
  acts: [
    { atMs: 0, does: "open", payer: "fulfil-12", payee: "paper-mill", amount: "120.00" },
    { atMs: 30_000, does: "rate", agentId: "fulfil-12", score: 0.86 },
    { atMs: 30_000, does: "rate", agentId: "ledger-01", score: 0.9 },
    { atMs: 80_000, does: "rate", agentId: "fulfil-12", score: 0.5 },
    ...ordinaryBusiness("ledger-01", { fromMs: 5_000, everyMs: 20_000, count: 3 }),
  ],
  expected: { signal: "reputation-drift", isSingleCause: true, halved: ["fulfil-12"] },
};
