import { nothing, type Read } from "./read.ts";

/** D7: public key and verification, told at the first look and when they change; whether the key is the pinned one is judged elsewhere. */
export const identity: Read = {
  name: "identity",
  pace: "slow",
  isHolds: false,
  // The real gateway verifies nothing and is not asked.
  calls: () => 2,
  floor: 0.4,
  async read({ ports, agentId, now, memory, options }) {
    await ports.pace.turn(agentId, { urgent: false, signal: options.signal });
    const { publicKey = null } = await ports.gateway.readIdentity(agentId, options);
    const { verdict: verification } = await ports.gateway.verifyAgent(agentId, options);
    const seen = `${publicKey} ${verification}`;
    if (seen === memory.identity) return nothing;
    const payload = { public_key: publicKey, verification };
    const found = { type: "identity_reading", agentId, id: `identity-${now}`, at: now, payload };
    return { found: [found], remember: { identity: seen } };
  },
};
