import { presentDollars } from "./at-risk.ts";
import { timeliness } from "./deadline.ts";
import { type Channel, isUnattended, nextLevel } from "./escalation.ts";
import type { IncidentView } from "./incident.ts";
import { iso } from "./iso.ts";
import { presentRecovery } from "./present-recovery.ts";
import { presentSignal } from "./present-verdict.ts";
import { whatHappened } from "./what-happened.ts";

/**
 * An incident as API and CLI show it: the view with every time as ISO 8601 text. configured: the channels over which people can be
 * told; null: whoever shows it does not know.
 */
export function presentIncident(view: IncidentView, configured: readonly Channel[] | null) {
  // What is still to be announced is between the workers.
  const { toAnnounce: _, ...shown } = view;
  return {
    ...shown,
    sentence: whatHappened(view),
    ...timeliness(view, Date.now()),
    receivedAt: iso(view.receivedAt),
    observedFrom: iso(view.observedFrom),
    openedAt: iso(view.openedAt),
    joinedAt: iso(view.joinedAt),
    requestedAt: iso(view.requestedAt),
    effectiveAt: iso(view.effectiveAt),
    containedAt: iso(view.containedAt),
    escrowsCountedAt: iso(view.escrowsCountedAt),
    dollars: presentDollars(view),
    walletFrozenAt: iso(view.walletFrozenAt),
    closedAt: iso(view.closedAt),
    recovery: presentRecovery(view),
    ...presentEscalation(view, configured),
    standDown: view.standDown && { ...view.standDown, askedAt: iso(view.standDown.askedAt) },
    signals: view.signals.map(presentSignal),
    steps: view.steps.map((step) => ({ ...step, at: iso(step.at) })),
    timeline: view.timeline.map((entry) => ({ ...entry, at: iso(entry.at) })),
  };
}

/** Who has it; else whom it wakes next, and when (N2). */
function presentEscalation(view: IncidentView, configured: readonly Channel[] | null) {
  const { acknowledged, escalation } = view;
  const next = nextLevel(view);
  const isThere = (channel: Channel) => configured === null || configured.includes(channel);
  return {
    isUnattended: isUnattended(view),
    acknowledged: acknowledged && { ...acknowledged, at: iso(acknowledged.at) },
    escalation: escalation && {
      ...escalation,
      since: iso(escalation.since),
      next: next && {
        at: iso(next.at),
        level: next.level,
        to: next.to.filter(isThere),
        notConfigured: configured && next.to.filter((channel) => !isThere(channel)),
      },
    },
  };
}
