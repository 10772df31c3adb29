import { TourniquetError } from "../errors.ts";
import type { Incident } from "../incident/incident.ts";

const eventTypes: Readonly<Record<string, string>> = {
  "budget-frozen": "incident_budget_frozen",
  "budget-reduced": "incident_budget_reduced",
  "agent-held-back": "incident_agent_held_back",
  "identity-compromise-suspected": "incident_identity_compromise_suspected",
  "containment-complete": "incident_containment_complete",
  "incident-resolved": "incident_resolved",
  "post-mortem": "incident_post_mortem",
};

/** What the gateway's bus is told of an incident (C5). Durations in milliseconds. */
export function announcementOf(
  incident: Incident,
  what: string,
): { eventType: string; payload: Record<string, unknown> } {
  const eventType = eventTypes[what];
  if (!eventType) throw new TourniquetError("internal", `no event is named ${what}`);
  const since = (at: number | null) => (at === null ? null : at - incident.receivedAt);
  return {
    eventType,
    payload: {
      incident_id: incident.id,
      priority: incident.priority,
      runbook: incident.runbook,
      freeze_ms: since(incident.effectiveAt),
      containment_ms: since(incident.containedAt),
      within_60_s: incident.containedAt === null ? null : incident.containedAt - incident.receivedAt <= 60_000,
      ...(what === "incident-resolved" && recoveryOf(incident)),
      ...(what === "post-mortem" && { total_ms: since(incident.closedAt), hold_breaches: incident.reassertions }),
    },
  };
}

/** The event may go out a moment before the end is written: then the planned one stands for it. */
function recoveryOf({ receivedAt, closedAt, recovery }: Incident): Record<string, unknown> {
  const resolvedAt = closedAt ?? recovery?.normalAt ?? null;
  return {
    recovery_asked_ms: recovery && recovery.askedAt - receivedAt,
    resolved_ms: resolvedAt === null ? null : resolvedAt - receivedAt,
    rungs: recovery?.rungs.length ?? 0,
    step_backs: recovery?.stepBacks ?? 0,
  };
}
