import { seconds } from "../presentation.ts";
import { Problem } from "../problem.ts";
import { getChainsTool, getClaimsTool, recordMetrics, submitMetricsTool, validClaims } from "../rest/claims.ts";
import { getIdentityTool, getReputationTool, verifyAgentTool } from "../rest/identity.ts";
import type { Tool } from "../tool.ts";
import { type AnySeedTool, agentIn, asRest, seedTool } from "./seed-tool.ts";

const agentOnly = ["agent_id"];

/** A status check here, where the real tool of that name checks a signature. */
const isVerifiedTool: Tool<{ agent_id: string }> = {
  ...verifyAgentTool,
  run(world, { input }) {
    const agent = world.state.agents.get(input.agent_id);
    if (!agent) throw new Problem(404, "agent-not-found", `Agent not found: ${input.agent_id}`);
    return agent.isVerified;
  },
};

/** Takes any metric names, as the seeds send theirs. */
const submitAnyMetricsTool: Tool<{ agent_id: string; metrics: Record<string, unknown> }> = {
  ...submitMetricsTool,
  run(world, { caller, input, idempotencyKey }) {
    recordMetrics(world, input.agent_id, input.metrics, { actor: caller.agentId, idempotencyKey });
    return Object.keys(input.metrics);
  },
};

export const identityTools: readonly AnySeedTool[] = [
  seedTool({
    name: "get_agent_identity",
    tool: getIdentityTool,
    required: agentOnly,
    toInput: agentIn,
    toAnswer: asRest,
  }),
  seedTool({
    name: "verify_agent",
    tool: isVerifiedTool,
    required: agentOnly,
    toInput: agentIn,
    toAnswer: (verified: boolean, given) => ({ agent_id: given.agent_id, verified }),
  }),
  seedTool({
    name: "get_agent_reputation",
    tool: getReputationTool,
    required: agentOnly,
    toInput: agentIn,
    toAnswer: (row: { composite_score: number }, given) => ({
      agent_id: given.agent_id,
      reputation_score: row.composite_score / 100,
    }),
  }),
  seedTool({
    name: "get_verified_claims",
    tool: getClaimsTool,
    required: agentOnly,
    toInput: agentIn,
    // With the time the seeds filter by, in unix seconds; the real one has none.
    toAnswer: (_result, given, world) => ({
      claims: validClaims(world, String(given.agent_id)).map((claim) => ({
        agent_id: claim.agentId,
        metric_name: claim.metricName,
        bound_value: Number.isNaN(claim.boundValue) ? null : claim.boundValue,
        timestamp: seconds(claim.atMs),
      })),
    }),
  }),
  seedTool({
    name: "submit_metrics",
    tool: submitAnyMetricsTool,
    required: ["agent_id", "metrics"],
    toInput: (given) => ({ ...agentIn(given), metrics: given.metrics as Record<string, unknown> }),
    toAnswer: (metrics: string[], given) => ({ agent_id: given.agent_id, submitted: true, metrics }),
  }),
  seedTool({
    name: "get_claim_chains",
    tool: getChainsTool,
    required: agentOnly,
    toInput: agentIn,
    toAnswer: asRest,
  }),
];
