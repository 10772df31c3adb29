import { timeliness } from "../incident/deadline.ts";
import type { IncidentView, TimelineEntry } from "../incident/incident.ts";
import { planOf } from "../runbooks/plan.ts";
import { DRY_RUN } from "../runbooks/runbook.ts";
import { escalationLines, holderText } from "./escalation-text.ts";
import { recoveryLines, statusText } from "./recovery-text.ts";
import { textTable } from "./text-table.ts";

/** One line an incident, for a terminal. */
export function incidentTable(incidents: readonly IncidentView[]): string {
  if (incidents.length === 0) return "no incidents";
  const rows = incidents.map((one) => [
    one.id,
    one.priority,
    statusText(one),
    one.agentId,
    one.runbook,
    one.dollars.locked,
    one.dollars.recovered,
    one.dollars.lost,
    new Date(one.openedAt).toISOString(),
    holderText(one),
  ]);
  return textTable([
    ["ID", "PRIO", "STATUS", "AGENT", "RUNBOOK", "LOCKED", "RECOVERED", "LOST", "OPENED", "TAKEN ON BY"],
    ...rows,
  ]);
}

/** One incident as an engineer reads it at night: what, why, how much, what was done, what is left. `order`: see recovery-text.ts. */
export function incidentLines(incident: IncidentView, order: readonly string[] = []): string {
  return [
    `${incident.id}  ${incident.priority}  ${incident.status}${incident.dryRun ? "  (dry run: nothing was done)" : ""}`,
    `agent       ${incident.agentId}`,
    `runbook     ${incident.runbook}`,
    ...(incident.cascadeId === null ? [] : [`cascade     ${incident.cascadeId}`]),
    ...incident.signals.map(
      (signal) =>
        `why         ${signal.why.sentence} [${signal.kind}, ${signal.severity}, rule ${signal.why.rule} v${signal.why.ruleVersion}]`,
    ),
    `decided by  ${incident.decidedBy}`,
    `money       locked ${incident.dollars.locked}, recovered ${incident.dollars.recovered}, lost ${incident.dollars.lost}`,
    ...(incident.dryRun
      ? [`would have  ${wouldHave(incident).join(", ") || "done nothing yet"}`]
      : freezeLines(incident)),
    ...(incident.reassertions > 0 ? [`hold        breached ${incident.reassertions} times`] : []),
    ...escalationLines(incident),
    ...recoveryLines(incident),
    ...order,
    "steps",
    ...incident.steps.map(stepLine),
    "timeline",
    ...incident.timeline.map((entry) => `  ${timelineLine(entry)}`),
    "left to do",
    ...planOf(incident).followUp.map((item) => `  - ${item}`),
  ].join("\n");
}

function freezeLines(incident: IncidentView): string[] {
  const seconds = (at: number | null) =>
    at === null ? "not yet" : `${((at - incident.receivedAt) / 1000).toFixed(3)} s after the webhook`;
  const { deadlineMs, timeliness: kept } = timeliness(incident, Date.now());
  const { requestedAt, effectiveAt, containedAt } = incident;
  return [
    `freeze      requested ${seconds(requestedAt)}, effective ${seconds(effectiveAt)}, contained ${seconds(containedAt)}`,
    ...(deadlineMs === null
      ? []
      : [`deadline    ${incident.priority}: contained within ${deadlineMs / 1000} s: ${kept}`]),
  ];
}

/** What a dry run decided and did not do (P5), in the order in which it would have been done. */
function wouldHave(incident: IncidentView): string[] {
  const said = new Set(incident.steps.map(({ result }) => result?.would));
  return planOf(incident)
    .steps.map(({ name }) => name)
    .filter((name) => said.has(name));
}

function stepLine({ step, status, result }: IncidentView["steps"][number]): string {
  const isOnlySaid = result?.would !== undefined;
  const name = step.startsWith(DRY_RUN) ? step.slice(DRY_RUN.length) : step;
  return `  ${(isOnlySaid ? "would" : status).padEnd(8)}${name}${isOnlySaid ? "" : `  ${JSON.stringify(result)}`}`;
}

const timelineLine = (entry: TimelineEntry): string =>
  `${new Date(entry.at).toISOString()}  ${entry.phase.padEnd(8)}${entry.what}  ${JSON.stringify(entry.detail)}`;
