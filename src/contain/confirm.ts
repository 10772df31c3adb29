import type { Budget } from "../incident/gateway.ts";
import type { Plan } from "../runbooks/plan.ts";
import { PROOF_DEADLINE_MS, type StepContext } from "../runbooks/runbook.ts";
import { takeBack } from "../runbooks/take-back.ts";

/** Passes over the escrows within one attempt: each cancels what it finds, the last must find none. */
const PASSES = 5;

export interface Confirmation {
  confirmed: boolean;
  /** What is not as it must be, for the log and the person. */
  missing: readonly string[];
  frozen: boolean;
  /** Escrows that the last pass still found held. */
  held: number;
  passes: number;
  /** Escrows found held by the first pass: anything above 0 slipped in after the cancels. */
  slipped: number;
}

/**
 * Reads back what was done (C3). The budget status shows a cap of 0 as 0 % used and not exceeded, so only the caps
 * themselves prove a freeze; and only a whole pass over every page that finds nothing held proves the escrows.
 */
export async function confirm(context: StepContext, plan: Plan): Promise<Confirmation> {
  const { ports, incident, abort } = context;
  let passes = 0;
  const sweep = async (): Promise<number> => {
    if (plan.escrows === "none") return 0;
    passes += 1;
    return (await takeBack(context, plan.escrows)).found;
  };
  const options = { deadlineMs: PROOF_DEADLINE_MS, signal: abort };
  const [slipped, budget] = await Promise.all([
    sweep(),
    plan.budget === "leave" ? null : ports.gateway.readBudget(incident.agentId, options),
  ]);
  let left = slipped;
  while (left > 0 && passes < PASSES) left = await sweep();
  const frozen = budget === null || isFrozen(budget);
  const missing = [...(frozen ? [] : ["the caps are not 0"]), ...(left > 0 ? [`${left} escrows are still held`] : [])];
  return { confirmed: missing.length === 0, missing, frozen, held: left, passes, slipped };
}

/** A monthly cap that the gateway does not show was sent as 0 and is believed; an uncapped one (null) is not 0. */
export function isFrozen(budget: Budget): boolean {
  return budget.dailyCap === 0n && (budget.monthlyCap === undefined || budget.monthlyCap === 0n);
}
