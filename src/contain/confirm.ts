import { TourniquetError } from "../errors.ts";
import { freerThan, isStranger, type Rein, type Reins } from "../incident/agent-control.ts";
import type { Budget } from "../incident/gateway.ts";
import { formatMoney, type Money } from "../incident/money.ts";
import { escrowsAre } from "../incident/plain-words.ts";
import { wantedOf } from "../incident/reins.ts";
import type { Plan } from "../runbooks/plan.ts";
import { PROOF_DEADLINE_MS, type StepContext } from "../runbooks/runbook.ts";
import { halveBudget, halvedCaps } from "../runbooks/steps/halve-budget.ts";
import { takeBack } from "../runbooks/take-back.ts";

/** Passes over the escrows within one attempt: each cancels what it finds, the last must find none. One that settles nothing is the last. */
const PASSES = 5;

export interface Confirmation {
  confirmed: boolean;
  /** What is not as it must be, for the log and the person. */
  missing: readonly string[];
  /** The caps are as the plan leaves them. */
  capsHold: boolean;
  /** What the agent's platform shows freer than it was asked for. */
  loosened: readonly Rein[];
  /** Escrows that the last pass still found held. */
  held: number;
  passes: number;
  /** Escrows found held by the first pass: anything above 0 slipped in after the cancels. */
  slipped: number;
}

/**
 * Reads back what was done (C3). The budget status shows a cap of 0 as 0 % used and not exceeded, so only the caps
 * themselves prove a freeze; and only a whole pass over every page that finds nothing held proves the escrows. What was asked
 * of the agent's platform is proved by what that shows (C7).
 */
export async function confirm(context: StepContext, plan: Plan): Promise<Confirmation> {
  let passes = 0;
  const sweep = async () => {
    if (plan.escrows === "none") return { found: 0, failed: 0 };
    passes += 1;
    return takeBack(context, plan.escrows);
  };
  const [first, caps, reins] = await Promise.all([sweep(), lookAtCaps(context, plan), lookAtReins(context, plan)]);
  let last = first;
  while (last.found > last.failed && passes < PASSES) last = await sweep();
  const [slipped, left] = [first.found, last.found];
  const missing = [
    ...(caps === null ? [] : [caps]),
    ...reins.missing,
    ...(left > 0 ? [`${escrowsAre(left)} still held`] : []),
  ];
  const { loosened } = reins;
  return { confirmed: missing.length === 0, missing, capsHold: caps === null, loosened, held: left, passes, slipped };
}

/** What is wrong with the caps, or null. */
async function lookAtCaps(context: StepContext, plan: Plan): Promise<string | null> {
  const { ports, incident, abort } = context;
  if (plan.budget === "leave") return null;
  const options = { deadlineMs: PROOF_DEADLINE_MS, signal: abort };
  if (plan.budget === "freeze")
    return isFrozen(await ports.gateway.readBudget(incident.agentId, options)) ? null : "the caps are not 0";
  const receipts = await ports.incidents.receipts(incident.id);
  if (!receipts.has(halveBudget.name)) return "the daily cap is not reduced";
  const set = await halvedCaps(context, receipts);
  if (set === null) return null;
  const { dailyCap, monthlyCap } = await ports.gateway.readBudget(incident.agentId, options);
  if (isAbove(dailyCap, set.dailyCap)) return `the daily cap is above ${formatMoney(set.dailyCap!)}`;
  const isMonthLifted = monthlyCap !== undefined && isAbove(monthlyCap, set.monthlyCap);
  return isMonthLifted ? `the monthly cap is above ${formatMoney(set.monthlyCap!)}` : null;
}

const isAbove = (is: Money | null, should: Money | null) => should !== null && (is === null || is > should);

/** A monthly cap that the gateway does not show was sent as 0 and is believed; an uncapped one (null) is not 0. */
export function isFrozen(budget: Budget): boolean {
  return budget.dailyCap === 0n && (budget.monthlyCap === undefined || budget.monthlyCap === 0n);
}

/** Each step on the agent has a receipt, and its platform shows what they asked for. Where a person has to do it there is nothing to see. */
async function lookAtReins(context: StepContext, plan: Plan): Promise<{ loosened: Rein[]; missing: string[] }> {
  const { ports, incident } = context;
  const steps = plan.slow.filter(({ lane }) => lane === "agent");
  if (steps.length === 0) return { loosened: [], missing: [] };
  const receipts = await ports.incidents.receipts(incident.id);
  const undone = steps.filter(({ name }) => !receipts.has(name)).map(({ name }) => `${name} is not done`);
  const { loosened } = await lookAtAgent(context, incident.agentId);
  // Before its step is done that is our own delay, and nobody's doing.
  return {
    loosened: undone.length > 0 ? [] : loosened,
    missing: [...undone, ...loosened.map((rein) => notAs[rein])],
  };
}

const notAs: Readonly<Record<Rein, string>> = {
  tools: "its tools are not restricted",
  isolated: "its network is not cut",
  paused: "it is not paused",
};

/** What all incidents ask of this agent, and where its platform shows it freer. Throws where the platform does not answer. */
export async function lookAtAgent(
  { ports, abort }: StepContext,
  agentId: string,
): Promise<{ wanted: Reins; loosened: Rein[] }> {
  const wanted = wantedOf(await ports.marks.on("agent", agentId));
  if (!ports.agentControl || (wanted.tools === "all" && !wanted.isolated && !wanted.paused))
    return { wanted, loosened: [] };
  try {
    const state = await ports.agentControl.readState(agentId, { deadlineMs: PROOF_DEADLINE_MS, signal: abort });
    return { wanted, loosened: freerThan(wanted, state) };
  } catch (error) {
    if (error instanceof TourniquetError && isStranger(error)) return { wanted, loosened: [] };
    throw error;
  }
}
