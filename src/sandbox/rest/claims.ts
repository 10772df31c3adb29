import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import { seconds } from "../presentation.ts";
import { Problem } from "../problem.ts";
import { append, type ClaimRow } from "../state.ts";
import { type AnyRoute, route, type Tool } from "../tool.ts";
import type { World } from "../world.ts";
import { wholeNumber } from "./serve.ts";

const VALID_MS = 7 * 86_400_000;

/** Some of the real one's 23 metric names; any other is refused, so the seeds' own metric keys are too. */
const metricNames = new Set(
  "sharpe_30d max_drawdown_30d pnl_30d p99_latency_ms signal_accuracy_30d win_rate_30d total_trades_30d aum".split(" "),
);

/** Without a time of its own: a window filter over claims finds nothing. Only what has not expired (7 days). */
export const getClaimsTool: Tool<{ agent_id: string }> = {
  name: "get_verified_claims",
  scope: "read",
  tier: "free",
  required: ["agent_id"],
  run: (world, { input }) => ({
    claims: validClaims(world, input.agent_id).map((claim) => ({
      agent_id: claim.agentId,
      metric_name: claim.metricName,
      claim_type: claim.claimType,
      bound_value: claim.boundValue,
      valid_until: seconds(claim.validUntilMs),
    })),
  }),
};

export function validClaims(world: World, agentId: string): ClaimRow[] {
  return (world.state.claims.get(agentId) ?? []).filter((claim) => claim.validUntilMs > world.now());
}

interface Metrics {
  agent_id: string;
  metrics: Record<string, number>;
  data_source?: string;
}

/** Only about oneself; where the data came from is whatever the caller says. */
export const submitMetricsTool: Tool<Metrics> = {
  name: "submit_metrics",
  scope: "write",
  tier: "pro",
  owned: ["agent_id"],
  required: ["agent_id", "metrics"],
  run(world, { caller, input, idempotencyKey }) {
    const names = Object.keys(input.metrics);
    const unknown = names.find((name) => !metricNames.has(name));
    if (unknown !== undefined) throw new Problem(400, "invalid-metric", `Unsupported metric: ${unknown}`);
    recordMetrics(world, input.agent_id, input.metrics, { actor: caller.agentId, idempotencyKey });
    return {
      agent_id: input.agent_id,
      commitment_hashes: names.map((name) => sha3(`${name}:${input.metrics[name]}`)),
      verified_at: seconds(world.now()),
      valid_until: seconds(world.now() + VALID_MS),
      data_source: input.data_source ?? "self_reported",
      signature: randomBytes(64).toString("hex"),
    };
  },
};

export function recordMetrics(
  world: World,
  agentId: string,
  metrics: Record<string, unknown>,
  by: { actor: string; idempotencyKey: string | undefined },
): void {
  const atMs = world.now();
  for (const [metricName, value] of Object.entries(metrics)) {
    const boundValue = Number(value);
    append(world.state.claims, agentId, {
      agentId,
      metricName,
      claimType: "gte",
      boundValue,
      atMs,
      validUntilMs: atMs + VALID_MS,
    });
  }
  world.effects.record("metrics.submitted", { agentId, ...by, detail: Object.keys(metrics).join(",") });
}

/** Newest first; the leaves travel as JSON inside a string. Empty until somebody builds a chain, and no log of actions. */
export const getChainsTool: Tool<{ agent_id: string; limit?: number }> = {
  name: "get_claim_chains",
  scope: "read",
  tier: "pro",
  required: ["agent_id"],
  run(world, { input }) {
    const newest = [...(world.state.chains.get(input.agent_id) ?? [])].reverse().slice(0, input.limit ?? 10);
    const chains = newest.map((chain) => ({
      id: chain.id,
      agent_id: chain.agentId,
      merkle_root: chain.merkleRoot,
      leaf_hashes: JSON.stringify(chain.leafHashes),
      chain_length: chain.leafHashes.length,
      period_start: seconds(chain.periodStartMs),
      period_end: seconds(chain.periodEndMs),
      created_at: seconds(chain.createdAtMs),
    }));
    return { chains };
  },
};

export const buildChainTool: Tool<{ agent_id: string }> = {
  name: "build_claim_chain",
  scope: "write",
  tier: "pro",
  owned: ["agent_id"],
  required: ["agent_id"],
  run(world, { caller, input }) {
    const { agent_id: agentId } = input;
    const claims = validClaims(world, agentId);
    const leafHashes = claims.map((claim) => sha3(`${claim.metricName}:${claim.boundValue}:${claim.atMs}`));
    const id = (world.state.chains.get(agentId)?.length ?? 0) + 1;
    const createdAtMs = world.now();
    const period = { periodStartMs: claims[0]?.atMs ?? createdAtMs, periodEndMs: claims.at(-1)?.atMs ?? createdAtMs };
    const merkleRoot = sha3(leafHashes.join(""));
    append(world.state.chains, agentId, { id, agentId, merkleRoot, leafHashes, ...period, createdAtMs });
    world.effects.record("chain.built", { agentId, actor: caller.agentId });
    return { agent_id: agentId, merkle_root: merkleRoot, chain_length: leafHashes.length };
  },
};

const agentPath = "/v1/identity/agents/:agent_id";

export const claimRoutes: readonly AnyRoute[] = [
  route({ method: "get", path: `${agentPath}/claims`, tool: getClaimsTool }),
  route({
    method: "post",
    path: `${agentPath}/metrics`,
    tool: submitMetricsTool,
    body: z.strictObject({ metrics: z.record(z.string(), z.number()), data_source: z.string().optional() }),
  }),
  route({
    method: "get",
    path: `${agentPath}/claim-chains`,
    tool: getChainsTool,
    query: z.object({ limit: wholeNumber(10) }),
  }),
  route({ method: "post", path: `${agentPath}/claim-chains`, tool: buildChainTool }),
];

function sha3(text: string): string {
  return createHash("sha3-256").update(text).digest("hex");
}
