import type { IncidentView, StepView } from "../incident/incident.ts";
import { planOf } from "../runbooks/plan.ts";

/** What each step on the agent's platform comes to, in the words of a page. */
const onAgent: Readonly<Record<string, string>> = {
  "revoke-tools": "its tools are revoked",
  "isolate-network": "its network is cut",
  "pause-agent": "it is paused",
  "rotate-credentials": "its credentials are rotated",
  "restrict-to-read-only": "may only use read-only tools",
};

/** What holds the agent back, in words; empty where nothing does. Says frozen only of what is frozen. */
export function holdsBack(incident: IncidentView): string[] {
  const { budget } = planOf(incident);
  const halved = resultOf(incident, "halve-budget");
  return [
    ...(budget === "freeze" ? ["is frozen"] : []),
    ...(budget === "halve" && typeof halved?.dailyCap === "string"
      ? [`may spend ${halved.dailyCap} a day instead of ${halved.from}`]
      : []),
    ...Object.entries(onAgent)
      .filter(([step]) => resultOf(incident, step) && resultOf(incident, step)?.byHand === undefined)
      .map(([, words]) => words),
  ];
}

/** What the page is about: the freeze, the reduced budget or the restriction of this agent. */
export function theMeasure(incident: IncidentView): string {
  const { budget } = planOf(incident);
  return budget === "freeze" ? "freeze" : budget === "halve" ? "reduced budget" : "restriction";
}

/** Everything else that was done, a line each; what only a person can do stands in incident/by-hand.ts. */
export function alsoDone(incident: IncidentView): string[] {
  const similar = resultOf(incident, "restrict-similar");
  const restricted = listOf(similar?.restricted).map(({ agentId, why }) => `${agentId} (${why})`);
  const payees = listOf(resultOf(incident, "flag-payee")?.payees).map(
    ({ payee, suspectedBefore, metrics }) =>
      `${payee} is on the watch list, suspected by ${others(Number(suspectedBefore))}; at the gateway: ${metrics}`,
  );
  const note = resultOf(incident, "halve-budget")?.note;
  return [
    ...(restricted.length > 0 ? [`Similar agents restricted to read-only tools: ${restricted.join(", ")}`] : []),
    ...payees.map((line) => `Payee: ${line}`),
    ...(typeof note === "string" ? [`Budget: ${note}`] : []),
    ...monthNotShown(incident),
  ];
}

/** What will come back is not what was there, as far as anybody knows: whoever decides must know that. */
function monthNotShown(incident: IncidentView): string[] {
  // What was only remembered gave way to what the gateway showed as the freeze left.
  const shown = incident.timeline.findLast(({ what }) => what === "caps-changed-since-last-seen")?.detail;
  const before = shown ?? resultOf(incident, "record-budget-cap");
  if (before?.monthlyCap !== "not shown" || planOf(incident).budget !== "freeze") return [];
  const reckoned =
    before.dailyCap === null
      ? "as the fleet's settings or a person say it"
      : "as 30 times the day, unless the fleet's settings say it";
  return [`Budget: its monthly cap is not shown by the gateway: restored ${reckoned}`];
}

const others = (n: number): string =>
  n === 0 ? "no other incident" : n === 1 ? "1 other incident" : `${n} other incidents`;

/** Whether what its runbooks ask for has taken hold. An incident may have begun with less than it asks for now. */
export function hasTakenHold(incident: IncidentView): boolean {
  if (planOf(incident).budget !== "freeze") return incident.effectiveAt !== null || incident.containedAt !== null;
  const began = ["halve-budget", "restrict-to-read-only"].some((step) => resultOf(incident, step) !== null);
  return resultOf(incident, "freeze-budget") !== null || (incident.effectiveAt !== null && !began);
}

function doneSteps({ steps }: IncidentView): readonly StepView[] {
  return steps.filter(({ status }) => status === "done");
}

/** Of a step that was done. */
function resultOf(incident: IncidentView, name: string): StepView["result"] {
  return doneSteps(incident).find(({ step }) => step === name)?.result ?? null;
}

function listOf(value: unknown): readonly Record<string, unknown>[] {
  return Array.isArray(value) ? (value as Record<string, unknown>[]) : [];
}
