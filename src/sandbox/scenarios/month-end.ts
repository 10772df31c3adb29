import type { Act } from "./act.ts";
import { trader } from "./ordinary.ts";
import type { Scenario } from "./scenario.ts";

/** The first five suppliers are paid four times, the rest once. */
const batch: readonly Act[] = Array.from({ length: 60 }, (_, index) => ({
  atMs: index * 2_000,
  does: "open",
  payer: "payables-01",
  payee: `supplier-${index < 45 ? index : index % 5}`,
  amount: `${40 + ((index * 7_919) % 2_400)}.${10 + (index % 90)}`,
}));

export const monthEnd: Scenario = {
  name: "month-end",
  story: "payables-01 pays 45 suppliers 60 times within two minutes, as it does at the end of every month.",
  speed: 40,
  agents: [trader("payables-01", { balance: "150000.00", dailyCap: "5000.00" })],
  switches: { watchEveryMs: 1_000 },
  acts: batch,
  expected: { signal: null, isSingleCause: false },
};
