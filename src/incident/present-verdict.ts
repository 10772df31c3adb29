import type { CascadeView } from "./cascade-view.ts";
import type { Signal } from "./signal.ts";
import type { KeptVerdict } from "./verdict.ts";

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

/** The times of a signal as text; startedAt only where it has one. */
export function presentTimes({ occurredAt, startedAt }: Pick<Signal, "occurredAt" | "startedAt">) {
  return { occurredAt: iso(occurredAt), ...(startedAt !== undefined && { startedAt: iso(startedAt) }) };
}

/** A signal and what was decided on it, as API and CLI show it (D14): why, tier, the deciding line, the incident. */
export function presentVerdict({ signal, keptAt, tier, decidedBy, incidentId, eventId, cascadeId }: KeptVerdict) {
  return {
    ...signal,
    ...presentTimes(signal),
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
