import type { Act } from "./act.ts";
import { trader } from "./ordinary.ts";
import type { Scenario } from "./scenario.ts";
import { ordinaryTools } from "./telemetry.ts";

/** Furnishing an office: few suppliers, large amounts, nothing anybody could compare them with. */
const purchases: readonly Act[] = [
  { payee: "desk-works", amount: "890.00" },
  { payee: "desk-works", amount: "445.00" },
  { payee: "lamp-house", amount: "129.90" },
  { payee: "paper-mill", amount: "64.00" },
  { payee: "screen-store", amount: "720.00" },
  { payee: "screen-store", amount: "720.00" },
  { payee: "screen-store", amount: "720.00" },
  { payee: "lamp-house", amount: "38.50" },
].map((escrow, index) => ({ atMs: 10_000 + index * 21_000, does: "open", payer: "office-00", ...escrow }));

export const newAgent: Scenario = {
  name: "new-agent",
  story: "office-00 is on its first day: no history, large purchases, a login and tools nobody has seen before.",
  speed: 60,
  agents: [trader("office-00")],
  switches: { watchEveryMs: 1_000 },
  acts: [
    {
      atMs: 0,
      does: "report",
      ...{ agentId: "office-00", type: "auth" },
      details: { ip_address: "203.0.113.7", user_agent: "office-agent/1.0" },
    },
    ...ordinaryTools("office-00", { fromMs: 2_000, everyMs: 6_000, count: 28 }),
    ...purchases,
  ],
  expected: { signal: null, isSingleCause: false },
};
