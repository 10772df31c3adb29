import type { Decision, Signal } from "../incident/signal.ts";
import { lineFor, lineText } from "../settings/policy-lines.ts";
import type { PolicyRule } from "../settings/settings.ts";

/** What policy says to a signal (mission P1). tier null: no line answers it, so it is recorded and nothing follows. */
export type PolicyAnswer = Decision | { tier: null; reason: string };

/** First line that matches; the settings end in the default table. The reason names the line, for the incident and the log. */
export function decide(signal: Signal, policy: readonly PolicyRule[]): PolicyAnswer {
  const line = lineFor(policy, signal);
  if (line === undefined) return { tier: null, reason: `no policy line answers ${signal.kind}, ${signal.severity}` };
  return { tier: line.tier, reason: lineText(line) };
}

/** Whether the agent is to be stopped without asking a person. */
export function callsForContainment(answer: PolicyAnswer): boolean {
  return answer.tier === "auto-contain" || answer.tier === "full-shutdown";
}
