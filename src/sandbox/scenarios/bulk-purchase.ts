import type { Act } from "./act.ts";
import { trader } from "./ordinary.ts";
import type { Scenario } from "./scenario.ts";

const crate = { payer: "stocker-02", payee: "paper-mill" };

/** Ten equal crates within a minute, each paid for as it is delivered: at any moment no more than three are open. */
const lot = (fromMs: number): Act[] =>
  Array.from({ length: 10 }, (_, index): Act[] => [
    { atMs: fromMs + index * 5_000, does: "open", ...crate, amount: "89.00" },
    { atMs: fromMs + index * 5_000 + 12_000, does: "release", by: "payer", ...crate, count: 1 },
  ]).flat();

/** What tells it from a retry loop is not its shape but that the goods arrive. */
export const bulkPurchase: Scenario = {
  name: "bulk-purchase",
  story: "stocker-02 buys two lots of ten equal crates from one supplier; each crate is settled on delivery.",
  speed: 40,
  agents: [trader("stocker-02")],
  switches: { watchEveryMs: 1_000 },
  acts: [...lot(0), ...lot(6 * 60_000)],
  expected: { signal: null, isSingleCause: false },
};
