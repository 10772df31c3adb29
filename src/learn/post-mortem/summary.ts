import type { CascadeView } from "../../incident/cascade-view.ts";
import type { IncidentView } from "../../incident/incident.ts";
import { isOver } from "../../incident/incident.ts";
import { money } from "../../incident/money.ts";
import { dollars, lasting } from "../../incident/plain-words.ts";
import type { ActionItem, Impact, PostMortem } from "../../incident/post-mortem.ts";
import { planOf } from "../../runbooks/plan.ts";
import { happened } from "./happened.ts";
import { count, sentence } from "./in-words.ts";

type Summary = PostMortem["summary"];

export interface SummaryFrom {
  incident: IncidentView;
  timeline: PostMortem["timeline"];
  impact: Impact;
  rootCause: PostMortem["rootCause"];
  cascade: CascadeView | null;
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
    spentLine(spent, fees.amount),
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

function spentLine({ amount: spent, why }: Impact["spent"], fees: string | null): string {
  if (spent === null) return `What else was paid out meanwhile is not known: ${why[0]!.toLowerCase()}${why.slice(1)}`;
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
  ];
}

/** Of a draft all of it: whoever reads it is in the midst of it. */
function left({ incident, actionItems }: SummaryFrom): string[] {
  if (!isOver(incident.status)) return actionItems.map(({ what }) => sentence(what));
  const urgent = actionItems.filter(({ why }) => why !== "within 48 hours of every incident");
  return [
    urgent.length === 0
      ? "Nothing but to go through this post-mortem together."
      : `${count(actionItems.length, "thing is", "things are")} left to do; each has an owner and a date below. First: ${urgent[0]!.what}`,
  ];
}
