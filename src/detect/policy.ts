import type { Decision, Signal } from "../incident/signal.ts";
import { lineFor, lineText } from "../settings/policy-lines.ts";
import type { FleetSettings, PolicyRule } from "../settings/settings.ts";

export interface PolicySettings {
  policy: readonly PolicyRule[];
  fleet: Pick<FleetSettings, "shutdown">;
}

/** What policy says to a signal (mission P1). tier null: no line answers it, so it is recorded and nothing follows. */
export type PolicyAnswer = Decision | { tier: null; reason: string };

/**
 * First line that matches; the settings end in the default table. The reason names the line, for the incident and the log, and
 * says so where a setting keeps it from being followed whole.
 */
export function decide(signal: Signal, { policy, fleet }: PolicySettings): PolicyAnswer {
  const line = lineFor(policy, signal);
  if (line === undefined) return { tier: null, reason: `no policy line answers ${signal.kind}, ${signal.severity}` };
  const isCutShort = line.tier === "full-shutdown" && fleet.shutdown === "off";
  return { tier: line.tier, reason: isCutShort ? `${lineText(line)} (${SHUTDOWN_IS_OFF})` : lineText(line) };
}

const SHUTDOWN_IS_OFF = "fleet.shutdown is off: this agent alone, nobody is asked about the rest";

/** Whether the agent is to be stopped without asking a person. */
export function callsForContainment(answer: PolicyAnswer): boolean {
  return answer.tier === "auto-contain" || answer.tier === "full-shutdown";
}
