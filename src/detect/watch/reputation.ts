import { nothing, type Read } from "./read.ts";

/** D2, polled: the score, 0..1, told when it changed. One that the gateway never computed is unknown, not zero. */
export const reputation: Read = {
  name: "reputation",
  pace: "slow",
  isHolds: false,
  calls: () => 1,
  floor: 0.45,
  async read({ ports, agentId, now, memory, options }) {
    await ports.pace.turn(agentId, { urgent: false, signal: options.signal });
    const score = (await ports.gateway.readReputation(agentId, options)).score ?? null;
    if (score === memory.score) return nothing;
    const found = { type: "reputation_reading", agentId, id: `reputation-${now}`, at: now, payload: { score } };
    return { found: [found], remember: { score } };
  },
};
