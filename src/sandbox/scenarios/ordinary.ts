import type { Act } from "./act.ts";
import type { StagedAgent } from "./scenario.ts";

/** An agent with a wallet of its own, enough in it, and caps that a normal day does not reach. */
export function trader(agentId: string, rest: Partial<StagedAgent> = {}): StagedAgent {
  return { agentId, walletId: agentId, balance: "50000.00", dailyCap: "1000.00", monthlyCap: "20000.00", ...rest };
}

/** Six suppliers in turn, each at its own price. */
const prices = ["49.00", "120.00", "15.50", "310.00", "75.25", "99.00"] as const;

/** What an agent does on any day: an escrow now and then, paid out a while later when the goods are there. */
export function ordinaryBusiness(payer: string, when: { fromMs: number; everyMs: number; count: number }): Act[] {
  return Array.from({ length: when.count }, (_, index): Act[] => {
    const atMs = when.fromMs + index * when.everyMs;
    const payee = `supplier-${index % prices.length}`;
    const amount = prices[index % prices.length]!;
    return [
      { atMs, does: "open", payer, payee, amount },
      { atMs: atMs + 4 * when.everyMs, does: "release", by: "payer", payer, payee, count: 1 },
    ];
  }).flat();
}
