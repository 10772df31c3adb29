import type { CascadeView } from "../../incident/cascade-view.ts";
import type { IncidentView } from "../../incident/incident.ts";
import { isByOrder } from "../../incident/ordered.ts";
import type { PostMortem } from "../../incident/post-mortem.ts";
import { iso } from "./in-words.ts";
import { sentenceOf } from "./kinds-in-words.ts";

/** F4: what the person said who mended it, and what detection saw: rule, thresholds, baseline, events (D14). */
export function rootCauseOf(incident: IncidentView, cascade: CascadeView | null): PostMortem["rootCause"] {
  const { recovery, standDown, signals, decidedBy, agentId } = incident;
  return {
    said: recovery && { by: recovery.by, rootCause: recovery.rootCause, fix: recovery.fix },
    falseAlarm: !isByOrder(incident) && standDown ? { by: standDown.by, reason: standDown.reason } : null,
    decidedBy,
    seen: signals.map(({ id, kind, severity, occurredAt, why }) => ({
      id,
      kind,
      severity,
      at: iso(occurredAt),
      sentence: sentenceOf(why),
      rule: why.rule,
      ruleVersion: why.ruleVersion,
      thresholds: { ...why.thresholds },
      observed: { ...why.observed },
      baseline: why.baseline && { ...why.baseline },
      events: [...why.events],
    })),
    cascade: cascade && {
      id: cascade.id,
      rootCause: cascade.rootCause.agentId,
      why: cascade.rootCause.why,
      isThisAgent: cascade.rootCause.agentId === agentId,
      members: cascade.members.map((member) => ({
        agentId: member.agentId,
        incidentId: member.incidentId,
        signals: [...new Set(member.signals.map(({ kind }) => kind))],
      })),
    },
  };
}
