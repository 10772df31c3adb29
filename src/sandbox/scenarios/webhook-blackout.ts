import { runaway } from "./runaway.ts";
import type { Scenario } from "./scenario.ts";

/**
 * The story again, and not one webhook leaves the gateway, as with the real one of today. Looked at once a second of a night
 * that runs thirty times as fast: the thirty seconds at which high-value agents are polled.
 */
export const webhookBlackout: Scenario = {
  ...runaway,
  name: "webhook-blackout",
  story: "02:47 again, and the gateway delivers no webhook: only polling can see procurement-17.",
  speed: 30,
  switches: { delivery: false, watchEveryMs: 1_000 },
};
