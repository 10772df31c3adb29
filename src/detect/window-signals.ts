import type { WindowView } from "../incident/ports.ts";
import type { Signal } from "../incident/signal.ts";
import type { Thresholds } from "../settings/settings.ts";
import { signalId } from "./events/signal-id.ts";
import type { Finding, Rule } from "./rules/rule.ts";

const MOST_EVENTS = 50;

/**
 * What the rules conclude of one window, at most one signal of a kind. The id is that of the trouble, not of the event
 * that tipped it: kind, agent and epoch, so that every later event of the same run concludes the same signal (G3).
 */
export function windowSignals(
  agentId: string,
  window: WindowView,
  rules: readonly Rule[],
  thresholds: Thresholds,
): Signal[] {
  const byKind = new Map<string, Signal>();
  for (const rule of rules) {
    if (byKind.has(rule.signal)) continue;
    const finding = rule.find(window, thresholds);
    if (finding) byKind.set(rule.signal, toSignal(agentId, window.epoch, rule, finding));
  }
  return [...byKind.values()];
}

function toSignal(agentId: string, epoch: number, rule: Rule, finding: Finding): Signal {
  return {
    id: signalId(rule.signal, agentId, `epoch ${epoch}`),
    kind: rule.signal,
    severity: finding.severity,
    agentId,
    occurredAt: Math.max(...finding.entries.map((entry) => entry.at)),
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
