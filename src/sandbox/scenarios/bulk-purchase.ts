import type { Act } from "./act.ts";
import { trader } from "./ordinary.ts";
import type { Scenario } from "./scenario.ts";

const crate = { payer: "stocker-02", payee: "paper-mill" };

/** Twenty-four equal crates, each paid for as it is delivered: at any moment no more than three are open. */
const crates: readonly Act[] = Array.from({ length: 24 }, (_, index): Act[] => [
  { atMs: index * 5_000, does: "open", ...crate, amount: "89.00" },
  { atMs: index * 5_000 + 12_000, does: "release", by: "payer", ...crate, count: 1 },
]).flat();

/** What tells it from a retry loop is not its shape but that the goods arrive. */
export const bulkPurchase: Scenario = {
  name: "bulk-purchase",
  story: "stocker-02 buys 24 equal crates from one supplier within two minutes, and each is settled on delivery.",
  speed: 24,
  agents: [trader("stocker-02")],
  switches: { watchEveryMs: 1_000 },
  acts: crates,
  expected: { signal: null, isSingleCause: false },
};
