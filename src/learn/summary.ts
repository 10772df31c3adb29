import type { IncidentView } from "../incident/incident.ts";
import { isOver } from "../incident/incident.ts";
import { money } from "../incident/money.ts";
import type { ActionItem, Impact, PostMortem } from "../incident/post-mortem.ts";
import { planOf } from "../runbooks/plan.ts";
import { count, dollars, lasting, list, sentence, utc } from "./in-words.ts";

type Summary = PostMortem["summary"];

export interface SummaryFrom {
  incident: IncidentView;
  timeline: PostMortem["timeline"];
  impact: Impact;
  rootCause: PostMortem["rootCause"];
  actionItems: readonly ActionItem[];
}

/** For somebody who was asleep: what happened, what it cost, what was prevented, what is left to do. */
export function summaryOf(from: SummaryFrom): Summary {
  return {
    happened: happened(from),
    cost: cost(from),
    prevented: prevented(from.impact),
    left: left(from),
  };
}

export function titleOf({ agentId, standDown, dryRun, supersededBy, status }: IncidentView, first: string): string {
  const about = `${agentId}: ${first.replace(/[.\s]+$/, "")}`;
  if (dryRun) return `Dry run of ${about}`;
  if (standDown) return `False alarm about ${about}`;
  if (supersededBy !== null) return `${about}, overtaken by new trouble`;
  return isOver(status) ? about : `${about}, not over yet`;
}

/** The sentence of the first critical signal, else of the first. */
export function leadOf({ signals }: Pick<IncidentView, "signals">): string {
  return (
    (signals.find(({ severity }) => severity === "critical") ?? signals[0])?.why.sentence ?? "what was seen is not kept"
  );
}

function happened({ incident, timeline, rootCause }: SummaryFrom): string[] {
  const { agentId, standDown, dryRun } = incident;
  const { cascade, said } = rootCause;
  return [
    `On ${utc(timeline.firstAnomalyAt)} trouble began with ${agentId}.`,
    ...[...new Set(incident.signals.map(({ why }) => sentence(why.sentence)))].slice(0, 3).map(asSeen),
    ...(cascade === null
      ? []
      : [
          cascade.isThisAgent
            ? `It began here and reached ${list(cascade.members.filter((one) => one.agentId !== agentId).map((one) => one.agentId)) || "nobody else"}.`
            : `It did not begin here but with ${cascade.rootCause} (${cascade.why}).`,
        ]),
    ...(dryRun
      ? ["It was a dry run: everything was decided and recorded, and nothing was done."]
      : [measures(incident, timeline)]),
    ...(standDown ? [`${standDown.by} called it a false alarm: ${sentence(standDown.reason)}`] : []),
    ...(said && !standDown
      ? [`${said.by} found the cause: ${sentence(said.rootCause)} The fix: ${sentence(said.fix)}`]
      : []),
    ending(incident, timeline),
  ];
}

const asSeen = (text: string): string => `What was seen: ${text}`;

/** What was done and how fast, in one sentence. */
function measures(incident: IncidentView, { durations }: PostMortem["timeline"]): string {
  const { effectiveAt, receivedAt } = incident;
  const { budget, escrows } = planOf(incident);
  const did = { freeze: "froze its budget", halve: "cut its daily budget in half", leave: "held it back" }[budget];
  if (effectiveAt === null)
    return budget === "leave"
      ? "What runs the agent could not be asked to stop it; that is left to a person."
      : `Tourniquet began to act, and the ${budget === "freeze" ? "freeze" : "smaller budget"} was not seen to take effect.`;
  const after = lasting(Math.max(0, effectiveAt - receivedAt));
  const contained = durations.contain.ms === null ? "" : ` After ${lasting(durations.contain.ms)} ${proof(escrows)}.`;
  return `Tourniquet ${did} ${after} after it learned of it.${contained}`;
}

const proof = (escrows: "all" | "suspect-payee" | "none"): string =>
  escrows === "none" ? "it was proved to hold" : "the open escrows were dealt with and it was proved to hold";

function ending(
  { status, supersededBy, closedAt, recovery }: IncidentView,
  { durations }: PostMortem["timeline"],
): string {
  if (!isOver(status)) return `It is not over yet: the incident is ${status}.`;
  const took = durations.total.ms === null ? "" : `, ${lasting(durations.total.ms)} after it began`;
  const at = closedAt === null ? "" : ` on ${utc(closedAt)}${took}`;
  if (supersededBy !== null)
    return `It was closed${at}, because new trouble began: ${supersededBy}. The agent was not back to normal by then.`;
  if (status === "stood-down") return `It was closed${at}.`;
  return recovery ? `The agent was back to normal${at}.` : `It was closed${at}.`;
}

function cost({ incident, impact }: SummaryFrom): string[] {
  const { locked, recovered, lost, stillHeld, spent, fees } = impact;
  const isZero = (amount: string | null) => amount !== null && money(amount) === 0n;
  const lines = [
    isZero(locked.amount)
      ? "No escrow was found open, so none had to be taken back."
      : `${dollars(locked.amount!)} was locked in ${count(incident.escrows.filter(({ result }) => result !== "skipped").length, "escrow")}. ${dollars(recovered.amount!)} of it came back.`,
    ...(isZero(lost.amount)
      ? []
      : [`${dollars(lost.amount!)} is lost: it had gone to the payee before it could be taken back.`]),
    ...(isZero(stillHeld.amount) ? [] : [`${dollars(stillHeld.amount!)} is still held.`]),
    spentLine(spent.amount, fees.amount),
  ];
  const total = spent.amount === null ? null : money(spent.amount) + money(lost.amount!);
  if (total === 0n && isZero(stillHeld.amount)) return [...lines.slice(0, 1), "It cost nothing."];
  return lines;
}

function spentLine(spent: string | null, fees: string | null): string {
  if (spent === null) return "What else was paid out meanwhile is not known: the gateway did not show it.";
  if (money(spent) === 0n) return "Nothing else was paid out meanwhile.";
  const onlyFees = fees !== null && money(fees) === money(spent);
  return onlyFees
    ? `The gateway charged ${dollars(spent)} in fees meanwhile.`
    : `${dollars(spent)} was paid out meanwhile${fees !== null && money(fees) > 0n ? `, ${dollars(fees)} of it in fees of the gateway` : ""}.`;
}

function prevented({ prevented: { amount, why, assumptions, inputs } }: Impact): string[] {
  if (amount === null) return ["What was prevented is not known.", why];
  if (inputs === null) return [`No loss is counted as prevented. ${why}`];
  if (money(amount) === 0n) return [`No loss is counted as prevented. ${why}`];
  return [
    `About ${dollars(amount)} more would have been spent before a person came. ${why}`,
    ...assumptions.map((one) => `Assumed: ${one}`),
  ];
}

function left({ incident, actionItems }: SummaryFrom): string[] {
  const { status, supersededBy } = incident;
  if (!isOver(status)) return planOf(incident).followUp.map(sentence);
  const urgent = actionItems.filter(({ why }) => why !== "within 48 hours of every incident");
  return [
    ...(supersededBy === null ? [] : [`${incident.agentId} is dealt with further in ${supersededBy}.`]),
    urgent.length === 0
      ? "Nothing but to go through this post-mortem together."
      : `${count(actionItems.length, "thing is", "things are")} left to do; each has an owner and a date below. First: ${urgent[0]!.what}`,
  ];
}
