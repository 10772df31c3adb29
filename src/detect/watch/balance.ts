import { formatMoney } from "../../incident/money.ts";
import { nothing, type Read } from "./read.ts";

/** D8: what is left in the agent's wallet, told when it changed. */
export const balance: Read = {
  name: "balance",
  pace: "every-look",
  isHolds: false,
  calls: () => 1,
  floor: 0.3,
  async read({ ports, agentId, now, memory, options }) {
    await ports.pace.turn(agentId, { urgent: false, signal: options.signal });
    const left = formatMoney((await ports.gateway.readBalance(agentId, options)).balance);
    if (left === memory.balance) return nothing;
    const found = { type: "balance_reading", agentId, id: `balance-${now}`, at: now, payload: { balance: left } };
    return { found: [found], remember: { balance: left } };
  },
};
