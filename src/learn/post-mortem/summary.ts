import type { IncidentView } from "../../incident/incident.ts";
import { isOver } from "../../incident/incident.ts";
import { money } from "../../incident/money.ts";
import type { ActionItem, Impact, PostMortem } from "../../incident/post-mortem.ts";
import type { Signal } from "../../incident/signal.ts";
import { planOf } from "../../runbooks/plan.ts";
import { count, dollars, lasting, list, sentence, utc } from "./in-words.ts";
import { deedOf, sentenceOf } from "./kinds-in-words.ts";

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

export function titleOf(incident: IncidentView): string {
  const { agentId, standDown, dryRun, supersededBy } = incident;
  const about = `${agentId} ${deedOf(leadOf(incident))}`;
  if (dryRun) return `Dry run: ${about}`;
  if (standDown) return `False alarm: ${about}`;
  return supersededBy === null ? about : `${about}; new trouble followed`;
}

/** The signal that tells best what it was: the first critical one, else the first. */
function leadOf({ signals }: Pick<IncidentView, "signals">): Signal | undefined {
  return signals.find(({ severity }) => severity === "critical") ?? signals[0];
}

function happened({ incident, timeline, rootCause }: SummaryFrom): string[] {
  const { agentId, standDown, dryRun } = incident;
  const { cascade, said } = rootCause;
  return [
    `On ${utc(timeline.firstAnomalyAt)} ${standDown ? "what looked like trouble" : "trouble"} began with ${agentId}.`,
    ...seen(incident),
    ...(cascade === null
      ? []
      : [
          cascade.isThisAgent
            ? `It began here and reached ${list(cascade.members.filter((one) => one.agentId !== agentId).map((one) => one.agentId)) || "nobody else"}.`
            : `The trouble did not begin here but with ${cascade.rootCause} (${cascade.why}).`,
        ]),
    ...(dryRun
      ? ["It was a dry run: everything was decided and recorded, and nothing was done."]
      : [measures(incident, timeline)]),
    ...breaches(incident),
    ...(standDown ? [`${standDown.by} called it a false alarm: ${sentence(standDown.reason)}`] : []),
    ...(said && !standDown
      ? [`${said.by} found the cause: ${sentence(said.rootCause)} The fix: ${sentence(said.fix)}`]
      : []),
    ending(incident, timeline),
  ];
}

function breaches({ reassertions, walletFrozenAt }: IncidentView): string[] {
  if (reassertions === 0) return [];
  const end = walletFrozenAt === null ? "each time it was put back" : "in the end the wallet itself was frozen";
  return [`Somebody got past that ${count(reassertions, "time")}; ${end}.`];
}

/** Of each kind the first: a longer loop of the same escrows is no second trouble. */
function seen(incident: IncidentView): string[] {
  const lead = leadOf(incident);
  const rest = incident.signals.filter(({ kind }) => kind !== lead?.kind);
  const others = rest.filter(({ kind }, index) => rest.findIndex((one) => one.kind === kind) === index);
  return [
    ...(lead ? [`What was seen: ${sentenceOf(lead.why)}`] : []),
    ...others.slice(0, 2).map(({ why }) => `Then: ${sentenceOf(why)}`),
  ];
}

/** What was done and how fast, in one sentence. */
function measures(incident: IncidentView, { durations }: PostMortem["timeline"]): string {
  const { effectiveAt, receivedAt } = incident;
  const { budget } = planOf(incident);
  const did = { freeze: "froze its budget", halve: "cut its daily budget in half", leave: "held it back" }[budget];
  if (effectiveAt === null)
    return budget === "leave"
      ? "What runs the agent could not be asked to stop it; that is left to a person."
      : `Tourniquet began to act, and the ${budget === "freeze" ? "freeze" : "smaller budget"} was not seen to take effect.`;
  const after = lasting(Math.max(0, effectiveAt - receivedAt));
  const contained = durations.contain.ms === null ? "" : ` After ${lasting(durations.contain.ms)} ${proof(incident)}.`;
  return `Tourniquet ${did} ${after} after it learned of it.${contained}`;
}

function proof({ dollars: { locked, recovered }, runbooks }: IncidentView): string {
  if (planOf({ runbooks }).escrows === "none") return "it had checked that this holds";
  if (money(locked) === 0n) return "it had looked for open escrows, found none, and checked that this holds";
  const took =
    money(recovered) === money(locked) ? "all of its open escrows" : "what could be taken back of its open escrows";
  return `it had taken back ${took}, and checked that this holds`;
}

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
      : `${dollars(locked.amount!)} was locked in ${count(incident.escrows.filter(({ result }) => result !== "skipped").length, "escrow")}. ${back(locked.amount!, recovered.amount!)}`,
    ...(isZero(lost.amount)
      ? []
      : [`${dollars(lost.amount!)} is lost: it had gone to the payee before it could be taken back.`]),
    ...(isZero(stillHeld.amount) ? [] : [`${dollars(stillHeld.amount!)} is still held.`]),
    spentLine(spent.amount, fees.amount),
  ];
  const total = spent.amount === null ? null : money(spent.amount) + money(lost.amount!);
  if (total === 0n && isZero(stillHeld.amount))
    return [...lines.slice(0, 1), "No money was lost.", ...unpriced(incident)];
  return [...lines, ...unpriced(incident)];
}

/** What money does not say: an agent that stood still for nothing, and data that left. */
function unpriced({ signals, agentId, standDown, effectiveAt, closedAt, runbooks }: IncidentView): string[] {
  const isFrozen = planOf({ runbooks }).budget === "freeze" && effectiveAt !== null;
  return [
    ...(standDown && isFrozen && closedAt !== null
      ? [`${agentId} could not spend for ${lasting(Math.max(0, closedAt - effectiveAt))}.`]
      : []),
    ...(signals.some(({ kind }) => kind === "data-exfiltration")
      ? ["What the data is worth that left, nobody here can say."]
      : []),
  ];
}

const back = (locked: string, recovered: string): string =>
  money(recovered) === money(locked) ? "All of it came back." : `${dollars(recovered)} of it came back.`;

function spentLine(spent: string | null, fees: string | null): string {
  if (spent === null) return "What else was paid out meanwhile is not known: the gateway did not show it.";
  if (money(spent) === 0n) return "Nothing else was paid out meanwhile.";
  const onlyFees = fees !== null && money(fees) === money(spent);
  return onlyFees
    ? `The gateway charged ${dollars(spent)} in fees meanwhile.`
    : `${dollars(spent)} was paid out meanwhile${fees !== null && money(fees) > 0n ? `, ${dollars(fees)} of it in fees of the gateway` : ""}.`;
}

function prevented({ prevented: { amount, why, inputs } }: Impact): string[] {
  if (amount === null) return ["What was prevented is not known.", why];
  if (inputs === null || money(amount) === 0n) return [`No loss is counted as prevented. ${why}`];
  const human =
    inputs.humanBasis === "assumed"
      ? `that without the freeze a person would have come after ${lasting(inputs.humanMs)}`
      : `that a person came ${lasting(inputs.humanMs)} after the freeze`;
  return [
    `About ${dollars(amount)} more would have been spent before a person came.`,
    `This assumes that the agent would have gone on at ${dollars(inputs.perMinute)} a minute, and ${human}.`,
    ...(inputs.available === amount && inputs.trend !== amount ? ["The wallet held no more than that."] : []),
    "The sum stands under Impact.",
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
