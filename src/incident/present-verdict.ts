import type { CascadeView } from "./cascade-view.ts";
import { iso } from "./iso.ts";
import type { Signal } from "./signal.ts";
import type { KeptVerdict } from "./verdict.ts";

/** A signal with its times as text; startedAt only where it has one. */
export function presentSignal({ occurredAt, startedAt, ...signal }: Signal) {
  return { ...signal, occurredAt: iso(occurredAt), ...(startedAt !== undefined && { startedAt: iso(startedAt) }) };
}

/** A signal and what was decided on it, as API and CLI show it (D14): why, tier, the deciding line, the incident. */
export function presentVerdict({ signal, keptAt, tier, decidedBy, incidentId, eventId, cascadeId }: KeptVerdict) {
  return {
    ...presentSignal(signal),
    decidedAt: iso(keptAt),
    tier,
    decidedBy,
    incidentId,
    cascadeId: cascadeId ?? null,
    eventId: eventId ?? null,
  };
}

/** A cascade as API and CLI show it: every time as ISO 8601 text. */
export function presentCascade(view: CascadeView) {
  return {
    ...view,
    openedAt: iso(view.openedAt),
    since: iso(view.since),
    closedAt: iso(view.closedAt),
    members: view.members.map((member) => ({
      ...member,
      signals: member.signals.map((signal) => ({ ...signal, at: iso(signal.at) })),
    })),
  };
}
