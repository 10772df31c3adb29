import type { Decision, Signal } from "../incident/signal.ts";
import type { PolicyRule } from "../settings/settings.ts";

/** What policy says to a signal (mission P1). tier null: no line answers it, so it is recorded and nothing follows. */
export type PolicyAnswer = Decision | { tier: null; reason: string };

/** First line that matches; the settings end in the default table. The reason names the line, for the incident and the log. */
export function decide(signal: Signal, policy: readonly PolicyRule[]): PolicyAnswer {
  const rule = policy.find((candidate) => matches(candidate, signal));
  if (rule === undefined) return { tier: null, reason: `no policy line answers ${signal.kind}, ${signal.severity}` };
  const condition = [rule.agent, rule.signal, rule.severity].filter((part) => part !== undefined).join(", ");
  return { tier: rule.tier, reason: `${rule.source}: ${condition || "anything"} -> ${rule.tier}` };
}

/** Whether the agent is to be stopped without asking a person. */
export function callsForContainment(answer: PolicyAnswer): boolean {
  return answer.tier === "auto-contain" || answer.tier === "full-shutdown";
}

function matches(rule: PolicyRule, signal: Signal): boolean {
  return (
    (rule.signal === undefined || rule.signal === signal.kind) &&
    (rule.severity === undefined || rule.severity === signal.severity) &&
    (rule.agent === undefined || rule.agent === signal.agentId)
  );
}
