import { randomBytes } from "node:crypto";
import { seconds } from "../presentation.ts";
import { Problem } from "../problem.ts";
import { getChainsTool, getClaimsTool, recordMetrics, submitMetricsTool, validClaims } from "../rest/claims.ts";
import { publishEventTool } from "../rest/events.ts";
import { getIdentityTool, getReputationTool, verifyAgentTool } from "../rest/identity.ts";
import { rateServiceTool } from "../rest/ratings.ts";
import { registerWebhookTool } from "../rest/webhooks.ts";
import type { Tool } from "../tool.ts";
import { type AnySeedTool, agentIn, type Given, seedTool } from "./seed-tool.ts";

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
    toAnswer: plain,
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
    toAnswer: plain,
  }),
];

export const alertTools: readonly AnySeedTool[] = [
  seedTool({
    name: "register_webhook",
    tool: registerWebhookTool,
    required: ["agent_id", "event_type", "webhook_url"],
    // The seeds name no secret; one is made then and told once, in the answer.
    toInput: (given) => ({
      url: String(given.webhook_url),
      event_types: [String(given.event_type)],
      secret: secretIn(given),
    }),
    toAnswer: (row: { id: string; url: string; secret: string }, given) => ({
      webhook_id: row.id,
      agent_id: given.agent_id,
      event_type: given.event_type,
      webhook_url: row.url,
      secret: row.secret,
    }),
  }),
  seedTool({
    name: "publish_event",
    tool: publishEventTool,
    required: ["agent_id", "event_type"],
    toInput: (given) => ({
      event_type: String(given.event_type),
      source: String(given.agent_id),
      payload: { agent_id: given.agent_id, ...(given.payload as Record<string, unknown> | undefined) },
    }),
    toAnswer: plain,
  }),
  seedTool({
    name: "rate_service",
    tool: rateServiceTool,
    required: ["agent_id", "rating"],
    toInput: (given) => ({
      service_id: String(given.service_id ?? given.agent_id),
      rating: Number(given.rating),
      review: String(given.comment ?? ""),
    }),
    toAnswer: (_result, given) => ({ agent_id: given.agent_id, rating: given.rating, comment: given.comment ?? "" }),
  }),
];

function plain(result: Record<string, unknown>): Record<string, unknown> {
  return result;
}

function secretIn(given: Given): string {
  const config = given.config as { secret?: unknown } | undefined;
  const named = given.secret ?? config?.secret;
  return typeof named === "string" && named !== "" ? named : `whsec_${randomBytes(24).toString("base64")}`;
}
