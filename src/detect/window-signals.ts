import type { Signal } from "../incident/signal.ts";
import { signalId } from "../incident/signal-id.ts";
import type { Thresholds } from "../settings/thresholds.ts";
import type { Finding, Rule, Trouble } from "./rules/rule.ts";

const MOST_EVENTS = 50;
/** A warning that goes on is said again after so long: nothing contains its agent, so nothing else would end it. */
const WARN_AGAIN_MS = 3_600_000;

/** What the rules conclude of one window, at most one signal of a kind. */
export function windowSignals<View extends Trouble>(
  agentId: string,
  window: View,
  rules: readonly Rule<View>[],
  thresholds: Thresholds,
): Signal[] {
  const byKind = new Map<string, Signal>();
  for (const rule of rules) {
    if (byKind.get(rule.signal)?.severity === "critical") continue;
    const finding = rule.find(window, thresholds);
    if (finding && (finding.severity === "critical" || !byKind.has(rule.signal)))
      byKind.set(rule.signal, toSignal(agentId, window, rule, finding));
  }
  return [...byKind.values()];
}

function toSignal(agentId: string, window: Trouble, rule: Rule<never>, finding: Finding): Signal {
  const times = finding.entries.map((entry) => entry.at);
  const [startedAt, occurredAt] = [Math.min(...times), Math.max(...times)];
  return {
    id: signalId(rule.signal, agentId, troubleOf(window, finding, occurredAt)),
    kind: rule.signal,
    severity: finding.severity,
    agentId,
    occurredAt,
    ...(startedAt < occurredAt && { startedAt }),
    suspectPayee: finding.suspectPayee,
    why: {
      rule: rule.name,
      ruleVersion: rule.version,
      sentence: finding.sentence,
      thresholds: finding.thresholds,
      observed: finding.observed,
      baseline: finding.baseline,
      events: finding.entries.slice(-MOST_EVENTS).map((entry) => entry.eventId),
    },
  };
}

/**
 * The id is that of the trouble, not of the event that tipped it: kind, agent and epoch, so that every later event of the
 * same run concludes the same signal (G3).
 */
function troubleOf({ epoch, observed }: Trouble, { severity }: Finding, occurredAt: number): string {
  const trouble = observed === 0 ? `epoch ${epoch}` : `epoch ${epoch} after ${observed} dry runs`;
  return severity === "critical" ? trouble : `${trouble} ${severity} ${Math.floor(occurredAt / WARN_AGAIN_MS)}`;
}
