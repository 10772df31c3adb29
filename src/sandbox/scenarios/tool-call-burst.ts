import { trader } from "./ordinary.ts";
import type { Scenario } from "./scenario.ts";
import { ordinaryTools } from "./telemetry.ts";

/** Its SDK sends what it did in batches, as SDKs do: forty calls within the minute arrive in five deliveries. */
export const toolCallBurst: Scenario = {
  name: "tool-call-burst",
  story: "scraper-05 usually calls four tools a minute; something makes it call forty.",
  speed: 60,
  agents: [trader("scraper-05"), trader("ledger-01")],
  acts: [
    ...ordinaryTools("scraper-05", { fromMs: 0, everyMs: 15_000, count: 8 }),
    ...ordinaryTools("ledger-01", { fromMs: 3_000, everyMs: 15_000, count: 12 }),
    ...[1, 2, 3, 4, 5].map((batch) => ({
      atMs: 125_000 + batch * 10_000,
      does: "report" as const,
      ...{ agentId: "scraper-05", type: "tool_call" as const, times: 8, spanMs: 9_000 },
      details: { tool_name: "browse", parameters: { page: batch } },
    })),
  ],
  expected: { signal: "tool-call-burst", isSingleCause: true, frozen: ["scraper-05"], stopped: ["scraper-05"] },
};
