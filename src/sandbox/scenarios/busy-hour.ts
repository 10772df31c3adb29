import { ordinaryBusiness, trader } from "./ordinary.ts";
import type { Scenario } from "./scenario.ts";

const MINUTE_MS = 60_000;

/** One a minute, then one every 20 s: up to three to one supplier within five minutes. */
export const busyHour: Scenario = {
  name: "busy-hour",
  story: "shop-09 has a usual hour, then one three times as busy.",
  speed: 1_500,
  agents: [trader("shop-09", { balance: "100000.00" })],
  switches: { watchEveryMs: 1_000 },
  acts: [
    ...ordinaryBusiness("shop-09", { fromMs: 0, everyMs: MINUTE_MS, count: 60 }),
    ...ordinaryBusiness("shop-09", { fromMs: 60 * MINUTE_MS, everyMs: MINUTE_MS / 3, count: 180 }),
  ],
  expected: { signal: null, isSingleCause: false },
};
