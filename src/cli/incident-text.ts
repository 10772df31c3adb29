import type { IncidentView, TimelineEntry } from "../incident/incident.ts";
import { runbookNamed } from "../runbooks/index.ts";
import { textTable } from "./text-table.ts";

/** One line an incident, for a terminal. */
export function incidentTable(incidents: readonly IncidentView[]): string {
  if (incidents.length === 0) return "no incidents";
  const rows = incidents.map((one) => [
    one.id,
    one.priority,
    one.status,
    one.agentId,
    one.runbook,
    one.dollars.locked,
    one.dollars.recovered,
    one.dollars.lost,
    new Date(one.openedAt).toISOString(),
  ]);
  return textTable([["ID", "PRIO", "STATUS", "AGENT", "RUNBOOK", "LOCKED", "RECOVERED", "LOST", "OPENED"], ...rows]);
}

/** One incident as an engineer reads it at night: what, why, how much, what was done, what is left. */
export function incidentLines(incident: IncidentView): string {
  const seconds = (at: number | null) =>
    at === null ? "not yet" : `${((at - incident.receivedAt) / 1000).toFixed(3)} s after the webhook`;
  return [
    `${incident.id}  ${incident.priority}  ${incident.status}`,
    `agent       ${incident.agentId}`,
    `runbook     ${incident.runbook}`,
    ...incident.signals.map(
      (signal) =>
        `why         ${signal.why.sentence} [${signal.kind}, ${signal.severity}, rule ${signal.why.rule} v${signal.why.ruleVersion}]`,
    ),
    `decided by  ${incident.decidedBy}`,
    `money       locked ${incident.dollars.locked}, recovered ${incident.dollars.recovered}, lost ${incident.dollars.lost}`,
    `freeze      requested ${seconds(incident.requestedAt)}, effective ${seconds(incident.effectiveAt)}, contained ${seconds(incident.containedAt)}`,
    ...(incident.reassertions > 0 ? [`hold        breached ${incident.reassertions} times`] : []),
    "steps",
    ...incident.steps.map((step) => `  ${step.status.padEnd(8)}${step.step}  ${JSON.stringify(step.result)}`),
    "timeline",
    ...incident.timeline.map((entry) => `  ${timelineLine(entry)}`),
    "left to do",
    ...runbookNamed(incident.runbook).followUp.map((item) => `  - ${item}`),
  ].join("\n");
}

const timelineLine = (entry: TimelineEntry): string =>
  `${new Date(entry.at).toISOString()}  ${entry.phase.padEnd(8)}${entry.what}  ${JSON.stringify(entry.detail)}`;
