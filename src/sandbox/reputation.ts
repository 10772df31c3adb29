import { rounded } from "./budgets.ts";
import type { World } from "./world.ts";

/**
 * The real gateway writes a reputation once, as zeros, and never computes it again. Here it moves when a scenario sets it,
 * and only then is `reputation_change` sent. Score and payload use 0..1, as the seeds do; the stored row uses 0..100.
 */
export function seedReputation(world: World, agentId: string, score: number, confidence: number): void {
  const previous = (world.state.reputations.get(agentId)?.composite ?? 0) / 100;
  const part = rounded(score * 100);
  const row = {
    paymentReliability: part,
    dataSourceQuality: part,
    transactionVolume: part,
    composite: part,
    confidence,
  };
  world.state.reputations.set(agentId, row);
  if (score === previous) return;
  world.effects.record("reputation.set", { agentId, actor: "sandbox", detail: String(score) });
  const delta = Math.round((score - previous) * 10_000) / 10_000;
  world.courier.announce("reputation_change", agentId, {
    previous_score: previous,
    new_score: score,
    score_delta: delta,
  });
}
