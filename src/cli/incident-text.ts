import { atRiskOf } from "../incident/at-risk.ts";
import { byHandIn } from "../incident/by-hand.ts";
import { timeliness } from "../incident/deadline.ts";
import type { Channel } from "../incident/escalation.ts";
import { type IncidentView, isOver, type StepView, type TimelineEntry } from "../incident/incident.ts";
import { times, utc } from "../incident/plain-words.ts";
import { whatHappened } from "../incident/what-happened.ts";
import { leftToDo } from "../runbooks/left-to-do.ts";
import { planOf } from "../runbooks/plan.ts";
import { DRY_RUN } from "../runbooks/runbook.ts";
import { escalationLines, holderText } from "./escalation-text.ts";
import { recoveryLines, statusText } from "./recovery-text.ts";
import { lockedText, riskText } from "./risk-text.ts";
import { type Cell, textTable } from "./text-table.ts";

/** One line an incident, for a terminal. */
export function incidentTable(incidents: readonly IncidentView[]): string {
  if (incidents.length === 0) return "no incidents";
  const rows = incidents.map((one) => [
    one.id,
    shaded(one),
    statusText(one),
    one.agentId,
    one.runbook,
    lockedText(one),
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

/** What still burns stands out. */
function shaded({ priority, status }: Pick<IncidentView, "priority" | "status">): Cell {
  if (isOver(status) || priority === "P2" || priority === "P3") return priority;
  return { text: priority, style: priority === "P0" ? ["bold", "red"] : "yellow" };
}

/** One incident as an engineer reads it at night: what, why, how much, what was done, what is left. `order`: see recovery-text.ts; `set`: see escalation-text.ts. */
export function incidentLines(
  incident: IncidentView,
  order: readonly string[] = [],
  set: readonly Channel[] = [],
): string {
  return [
    `${incident.id}  ${incident.priority}  ${incident.status}${incident.dryRun ? "  (dry run: nothing was done)" : ""}`,
    whatHappened(incident),
    `agent       ${incident.agentId}`,
    `runbook     ${incident.runbook}`,
    ...(incident.cascadeId === null ? [] : [`cascade     ${incident.cascadeId}`]),
    ...whyLines(incident),
    ...(incident.signalCount > incident.signals.length
      ? [
          `signals     ${incident.signalCount} in all; of those that say the same the first are kept, the rest is counted`,
        ]
      : []),
    `decided by  ${incident.decidedBy}`,
    `money       locked ${incident.dollars.locked}, recovered ${incident.dollars.recovered}, lost ${incident.dollars.lost}`,
    `at risk     ${riskText(atRiskOf(incident))}`,
    ...(incident.dryRun
      ? [`would have  ${wouldHave(incident).join(", ") || "done nothing yet"}`]
      : freezeLines(incident)),
    ...(incident.reassertions > 0 ? [`hold        breached ${times(incident.reassertions)}`] : []),
    ...escalationLines(incident, set),
    ...recoveryLines(incident),
    ...order,
    "steps",
    ...incident.steps.map(stepLine),
    "timeline",
    ...incident.timeline.map((entry) => `  ${timelineLine(entry)}`),
    "left to do",
    ...leftToDo(incident).map((item) => `  - ${item}`),
  ].join("\n");
}

/** Of each rule what it saw first, of the most severe; a loop that goes on is no second reason. */
function whyLines({ signals }: IncidentView): string[] {
  const severities = ["critical", "warning", "info"];
  return [...Map.groupBy(signals, ({ kind, why }) => `${kind} ${why.rule}`).values()].map((all) => {
    const [first] = [...all].sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
    const { kind, severity, why } = first!;
    const more = all.length > 1 ? `; ${all.length - 1} more of this kind` : "";
    return `why         ${why.sentence} [${kind}, ${severity}, rule ${why.rule} v${why.ruleVersion}${more}]`;
  });
}

function freezeLines(incident: IncidentView): string[] {
  const seconds = (at: number | null) =>
    at === null ? "not yet" : `${((at - incident.receivedAt) / 1000).toFixed(3)} s after detection`;
  const { deadlineMs, timeliness: kept } = timeliness(incident, Date.now());
  const { requestedAt, effectiveAt, containedAt, observedFrom, receivedAt } = incident;
  return [
    ...(observedFrom === null
      ? []
      : [`dry run     from ${utc(observedFrom)} until ${utc(receivedAt)}; acted on and timed from then on`]),
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

function stepLine(one: StepView): string {
  const { step, result } = one;
  const status = byHandIn(one).length > 0 ? "by hand" : one.status;
  const isOnlySaid = result?.would !== undefined;
  const name = step.startsWith(DRY_RUN) ? step.slice(DRY_RUN.length) : step;
  return `  ${(isOnlySaid ? "would" : status).padEnd(8)}${name}${isOnlySaid ? "" : `  ${JSON.stringify(result)}`}`;
}

const timelineLine = (entry: TimelineEntry): string =>
  `${new Date(entry.at).toISOString()}  ${entry.phase.padEnd(8)}${entry.what}  ${JSON.stringify(entry.detail)}`;
