import { presentDollars } from "./at-risk.ts";
import { timeliness } from "./deadline.ts";
import { isUnattended } from "./escalation.ts";
import { isOver, type Priority, type Status } from "./incident.ts";
import { iso } from "./iso.ts";
import { recoveryStateOf } from "./recovery-state.ts";
import { type IncidentStory, whatHappened } from "./what-happened.ts";

/** An incident as a list has it: all but its steps, its timeline and its escrows one by one. */
export type IncidentSummary = IncidentStory;

/** Which incidents a list is about; what is left out narrows nothing. */
export interface IncidentFilter {
  /** "open": not over yet. */
  status?: Status | "open" | "over" | undefined;
  priority?: Priority | undefined;
  agent?: string | undefined;
  /** Opened then or later, milliseconds since 1970. */
  since?: number | undefined;
}

export function isMeant({ status, priority, agentId, openedAt }: IncidentSummary, filter: IncidentFilter): boolean {
  const stands = filter.status === "open" ? !isOver(status) : filter.status === "over" ? isOver(status) : null;
  return (
    (stands ?? (filter.status === undefined || filter.status === status)) &&
    (filter.priority === undefined || filter.priority === priority) &&
    (filter.agent === undefined || filter.agent === agentId) &&
    openedAt >= (filter.since ?? 0)
  );
}

/** One line of a list in console, API and CLI: times as ISO 8601 text, amounts as decimal strings. */
export function presentSummary(summary: IncidentSummary) {
  const { id, agentId, status, priority, runbook, cascadeId, dryRun, decidedBy, acknowledged } = summary;
  return {
    ...{ id, agentId, status, priority, runbook, cascadeId, dryRun },
    sentence: whatHappened(summary),
    dollars: presentDollars(summary),
    ...timeliness(summary, Date.now()),
    receivedAt: iso(summary.receivedAt),
    openedAt: iso(summary.openedAt),
    effectiveAt: iso(summary.effectiveAt),
    containedAt: iso(summary.containedAt),
    closedAt: iso(summary.closedAt),
    decidedBy,
    signals: [...new Set(summary.signals.map(({ kind }) => kind))],
    isUnattended: isUnattended(summary),
    acknowledged: acknowledged && { by: acknowledged.by, at: iso(acknowledged.at) },
    standDown: summary.standDown && { ...summary.standDown, askedAt: iso(summary.standDown.askedAt) },
    recovery: recoveryStateOf(summary),
    supersededBy: summary.supersededBy,
  };
}
