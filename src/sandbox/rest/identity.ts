import { createPublicKey, randomBytes, verify } from "node:crypto";
import { z } from "zod";
import { seconds } from "../presentation.ts";
import { Problem } from "../problem.ts";
import { type AnyRoute, route, type Tool } from "../tool.ts";
import type { World } from "../world.ts";

interface OneAgent {
  agent_id: string;
}

/** Anybody may look anybody up. */
export const getIdentityTool: Tool<OneAgent> = {
  name: "get_agent_identity",
  scope: "read",
  tier: "free",
  required: ["agent_id"],
  run(world, { input }) {
    const { agentId, publicKey, createdAtMs } = knownIdentity(world, input.agent_id, "not-found");
    return {
      agent_id: agentId,
      public_key: publicKey,
      created_at: seconds(createdAtMs),
      org_id: "default",
      found: true,
    };
  },
};

/** A different key from the agent itself replaces the old one and leaves created_at as it was: only the key tells of a takeover. */
export const registerAgentTool: Tool<OneAgent & { public_key?: string }> = {
  name: "register_agent",
  scope: "write",
  tier: "free",
  owned: ["agent_id"],
  required: ["agent_id"],
  run(world, { caller, input }) {
    const { agent_id: agentId, public_key: wanted } = input;
    const known = world.state.identities.get(agentId);
    const publicKey = wanted ?? known?.publicKey ?? randomBytes(32).toString("hex");
    const row = { agentId, publicKey, createdAtMs: known?.createdAtMs ?? world.now() };
    world.state.identities.set(agentId, row);
    if (known && known.publicKey !== publicKey) noteRotation(world, agentId, caller.agentId);
    if (!known) world.effects.record("identity.registered", { agentId, actor: caller.agentId });
    return { agent_id: agentId, public_key: publicKey, created_at: seconds(row.createdAtMs) };
  },
};

/** A signature check and nothing else: wrong and malformed signatures are both a plain `false`. */
export const verifyAgentTool: Tool<OneAgent & { message: string; signature: string }> = {
  name: "verify_agent",
  scope: "read",
  tier: "free",
  required: ["agent_id", "message", "signature"],
  run(world, { input }) {
    const { publicKey } = knownIdentity(world, input.agent_id, "agent-not-found");
    return { valid: isSigned(publicKey, input.message, input.signature) };
  },
};

/** Zeros from the start and for ever, unless a scenario sets them. */
export const getReputationTool: Tool<OneAgent> = {
  name: "get_agent_reputation",
  scope: "read",
  tier: "free",
  required: ["agent_id"],
  run(world, { input }) {
    const row = world.state.reputations.get(input.agent_id);
    if (!row) throw new Problem(404, "not-found", `Agent reputation not found: ${input.agent_id}`);
    return {
      agent_id: input.agent_id,
      payment_reliability: row.paymentReliability,
      data_source_quality: row.dataSourceQuality,
      transaction_volume_score: row.transactionVolume,
      composite_score: row.composite,
      confidence: row.confidence,
      found: true,
    };
  },
};

const agentPath = "/v1/identity/agents/:agent_id";

export const identityRoutes: readonly AnyRoute[] = [
  route({
    method: "post",
    path: "/v1/identity/agents",
    tool: registerAgentTool,
    body: z.strictObject({ agent_id: z.string(), public_key: z.string().optional() }),
    status: 201,
    location: (result) => `/v1/identity/agents/${result.agent_id}`,
  }),
  route({ method: "get", path: agentPath, tool: getIdentityTool }),
  route({ method: "get", path: `${agentPath}/reputation`, tool: getReputationTool }),
  route({
    method: "post",
    path: `${agentPath}/verify`,
    tool: verifyAgentTool,
    body: z.strictObject({ message: z.string(), signature: z.string() }),
  }),
];

/** Ed25519 keys are stored as 32 raw bytes in hex; node wants them wrapped in this DER prefix. */
const ED25519_SPKI = Buffer.from("302a300506032b6570032100", "hex");

export function isSigned(publicKeyHex: string, message: string, signatureHex: string): boolean {
  if (!/^[0-9a-f]{64}$/i.test(publicKeyHex) || !/^[0-9a-f]{128}$/i.test(signatureHex)) return false;
  const key = createPublicKey({
    key: Buffer.concat([ED25519_SPKI, Buffer.from(publicKeyHex, "hex")]),
    format: "der",
    type: "spki",
  });
  return verify(null, Buffer.from(message), key, Buffer.from(signatureHex, "hex"));
}

function knownIdentity(world: World, agentId: string, tail: string) {
  const identity = world.state.identities.get(agentId);
  if (!identity) throw new Problem(404, tail, `Agent not found: ${agentId}`);
  return identity;
}

/** The seeds' verify_agent answers for the agent's state; after a rotation nobody announced, it is no longer in order. */
function noteRotation(world: World, agentId: string, actor: string): void {
  const agent = world.state.agents.get(agentId);
  if (agent) agent.isVerified = false;
  world.effects.record("identity.rotated", { agentId, actor });
}
