import { byHandOf } from "../../incident/by-hand.ts";
import { SAME_TIME } from "../../incident/cascade-links.ts";
import type { CascadeView } from "../../incident/cascade-view.ts";
import type { IncidentView } from "../../incident/incident.ts";
import { isOver } from "../../incident/incident.ts";
import { type Money, money } from "../../incident/money.ts";
import { isByOrder, resumedWhy } from "../../incident/ordered.ts";
import { dollars, lasting, times, utc } from "../../incident/plain-words.ts";
import type { PostMortem } from "../../incident/post-mortem.ts";
import { relapseOf } from "../../incident/relapse.ts";
import { leadOf } from "../../incident/what-happened.ts";
import { planOf } from "../../runbooks/plan.ts";
import { count, sentence, someOf } from "./in-words.ts";
import { sentenceOf, withDollars } from "./kinds-in-words.ts";
import { notDone } from "./step-words.ts";

import type { SummaryFrom } from "./summary.ts";

export function happened({ incident, timeline, rootCause, cascade }: SummaryFrom): string[] {
  const { standDown, dryRun } = incident;
  const { said } = rootCause;
  return [
    beginning(incident, timeline),
    ...seen(incident),
    ...endedRecovery(incident),
    ...(cascade === null ? [] : together(cascade, incident.agentId)),
    ...(dryRun
      ? ["It was a dry run: everything was decided and recorded, and nothing was done."]
      : [measures(incident, timeline)]),
    ...notDone(byHandOf(incident)),
    ...breaches(incident),
    ...(standDown ? [released(incident, standDown)] : []),
    ...(said && !standDown
      ? [`${said.by} found the cause: ${sentence(said.rootCause)} The fix: ${sentence(said.fix)}`]
      : []),
    ending(incident, timeline),
  ];
}

function beginning(incident: IncidentView, { firstAnomalyAt }: PostMortem["timeline"]): string {
  const { agentId, standDown } = incident;
  const at = utc(firstAnomalyAt);
  if (isByOrder(incident)) return `On ${at} ${agentId} was frozen by an order, not for anything it did.`;
  return `On ${at} ${standDown ? "what looked like trouble" : "trouble"} began with ${agentId}.`;
}

function endedRecovery({ signals }: IncidentView): string[] {
  const relapse = signals.map(relapseOf).find((one) => one !== null);
  return relapse ? [`That ended the recovery from ${relapse.recovering} before the agent was back to normal.`] : [];
}

/** What hangs together by more than the time may have spread; that two had trouble at the same time proves nothing. */
function together({ rootCause: { agentId: root, why }, members, edges }: CascadeView, agentId: string): string[] {
  const reached = new Set([root]);
  const links = edges.filter((edge) => edge.why !== SAME_TIME);
  for (let before = 0; before < reached.size; ) {
    before = reached.size;
    for (const { from, to } of links) if (reached.has(from) || reached.has(to)) reached.add(from).add(to);
  }
  const others = members.map((one) => one.agentId).filter((other) => other !== agentId);
  const spread = others.filter((other) => reached.has(other));
  const sameTime = others.filter((other) => !reached.has(agentId) || !reached.has(other));
  if (agentId !== root && reached.has(agentId)) return [`The trouble did not begin here but with ${root} (${why}).`];
  return [
    ...(agentId === root && spread.length > 0 ? [`It began here and reached ${someOf(spread)}.`] : []),
    ...(sameTime.length > 0
      ? [`${someOf(sameTime)} had trouble at the same time; nothing else that they have in common is known.`]
      : []),
  ];
}

function released(incident: IncidentView, { by, reason }: { by: string; reason: string }): string {
  if (!isByOrder(incident)) return `${by} called it a false alarm: ${sentence(reason)}`;
  const why = resumedWhy(reason);
  return why === null
    ? `${by} released the agent from the shutdown: ${sentence(reason)}`
    : `${by} resumed the fleet: ${sentence(why)}`;
}

function breaches(incident: IncidentView): string[] {
  const { reassertions, walletFrozenAt } = incident;
  if (reassertions === 0) return [];
  const again = reassertions === 1 ? "it was put back" : "each time it was put back";
  const end = walletFrozenAt === null ? again : "in the end the wallet itself was frozen";
  return [`Somebody got past that ${times(reassertions)}; ${end}.`, ...takenBackLater(incident)];
}

/** The money that was opened past the containment: what came back beyond what the cancels themselves had brought back. */
function takenBackLater({ steps, dollars: { recovered }, escrows }: IncidentView): string[] {
  const report = steps.find(({ step, status }) => step.startsWith("cancel-escrows") && status === "done")?.result;
  if (typeof report?.dollarsUnlocked !== "string") return [];
  const more = escrows.filter(({ result }) => result === "recovered").length - Number(report.cancelled);
  if (more <= 0) return [];
  const amount = dollars((money(recovered) - money(report.dollarsUnlocked)) as Money);
  return [
    `${count(more, "more escrow")} (${amount}) got through after the cancels and ${more === 1 ? "was" : "were"} taken back too.`,
  ];
}

/** Of each kind the first: a longer loop of the same escrows is no second trouble. */
function seen(incident: IncidentView): string[] {
  const lead = leadOf(incident);
  const rest = incident.signals.filter(({ kind }) => kind !== lead?.kind);
  const others = rest.filter(({ kind }, index) => rest.findIndex((one) => one.kind === kind) === index);
  return [
    ...(lead ? [isByOrder(incident) ? sentenceOf(lead.why) : `What was seen: ${sentenceOf(lead.why)}`] : []),
    ...others.slice(0, 2).map(({ why }) => `Then: ${sentenceOf(why)}`),
  ];
}

/** What was done and how fast, in one sentence. */
function measures(incident: IncidentView, { durations }: PostMortem["timeline"]): string {
  const { effectiveAt, receivedAt, observedFrom } = incident;
  const { budget } = planOf(incident);
  const did = { freeze: "froze its budget", halve: "cut its daily budget in half", leave: "held it back" }[budget];
  if (effectiveAt === null)
    return budget === "leave"
      ? "What runs the agent could not be asked to stop it; that is left to a person."
      : `Tourniquet began to act, and the ${budget === "freeze" ? "freeze" : "smaller budget"} was not seen to take effect.`;
  const after = lasting(Math.max(0, effectiveAt - receivedAt));
  const contained = durations.contain.ms === null ? "" : ` After ${lasting(durations.contain.ms)} ${proof(incident)}.`;
  if (observedFrom !== null) {
    const watched = lasting(Math.max(0, receivedAt - observedFrom));
    return `It was a dry run first: for ${watched} it was only watched. Tourniquet ${did} ${after} after that ended.${contained}`;
  }
  return `Tourniquet ${did} ${after} after it learned of it.${contained}`;
}

function proof({ dollars: { locked, recovered }, runbooks }: IncidentView): string {
  if (planOf({ runbooks }).escrows === "none") return "it had checked that this holds";
  if (money(locked) === 0n) return "it had looked for open escrows, found none, and checked that this holds";
  const took =
    money(recovered) === money(locked) ? "all of its open escrows" : "what could be taken back of its open escrows";
  return `it had taken back ${took}, and checked that this holds`;
}

function ending(incident: IncidentView, { durations }: PostMortem["timeline"]): string {
  const { status, supersededBy, closedAt, recovery } = incident;
  if (!isOver(status)) return `It is not over yet: the incident is ${status}.`;
  const took = durations.total.ms === null ? "" : `, ${lasting(durations.total.ms)} after it began`;
  const at = closedAt === null ? "" : ` on ${utc(closedAt)}${took}`;
  if (supersededBy !== null)
    return `${disturbance(incident)}It was closed${at}, because ${supersededBy} took its place. The agent was not back to normal by then.`;
  if (status === "stood-down") return `It was closed${at}.`;
  return recovery ? `The agent was back to normal${at}.` : `It was closed${at}.`;
}

/** What ended its recovery, where the recovery itself saw it; new trouble may have come first. */
function disturbance({ timeline }: IncidentView): string {
  const why = timeline.findLast(({ what, detail }) => what === "relapsed" && detail.containedAnew === true)?.detail.why;
  return typeof why === "string" ? `Its recovery ended: ${withDollars(sentence(why))} ` : "";
}
