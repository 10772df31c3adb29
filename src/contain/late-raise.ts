import type { Budget } from "../incident/gateway.ts";
import { formatMoney, isSameCap, type Money } from "../incident/money.ts";
import type { LateRaise } from "../incident/ports.ts";
import type { Plan } from "../runbooks/plan.ts";
import { PROOF_DEADLINE_MS, type StepContext } from "../runbooks/runbook.ts";
import { takeBack } from "../runbooks/take-back.ts";
import { isFrozen } from "./confirm.ts";

/** How often one looks while a raise of ours may still take effect: the agent may spend for no longer than this. */
export const LATE_RAISE_LOOK_MS = 1_500;

/**
 * A raise that recovery or a stand-down sent before this incident froze the agent, and that took effect after it: nobody breached
 * anything. It is put back, and what the agent opened by it is taken back. False: the caps are not those of that raise.
 */
export async function undoLateRaise(
  context: StepContext,
  plan: Plan,
  late: LateRaise,
  putBack: () => Promise<void>,
): Promise<boolean> {
  const { ports, incident, abort } = context;
  const options = { deadlineMs: PROOF_DEADLINE_MS, signal: abort };
  const budget = await ports.gateway.readBudget(incident.agentId, options);
  // Whoever sent it has just put it back.
  if (plan.budget === "freeze" && isFrozen(budget)) return true;
  if (!isOf(late, budget)) return false;
  await putBack();
  await ports.caps.endLowering(incident.agentId, late.token);
  const swept = plan.escrows === "none" ? 0 : (await takeBack(context, plan.escrows)).found;
  const detail = { action: late.token, dailyCap: text(late.dailyCap), monthlyCap: text(late.monthlyCap), swept };
  await ports.incidents.note(incident.id, "contain", "late-raise-undone", detail);
  ports.log.warn({ incidentId: incident.id, agentId: incident.agentId, ...detail }, "late-raise.undone");
  return true;
}

function isOf(late: LateRaise, { dailyCap, monthlyCap }: Budget): boolean {
  const isMonth = monthlyCap === undefined || late.monthlyCap === undefined || isSameCap(monthlyCap, late.monthlyCap);
  return isSameCap(dailyCap, late.dailyCap) && isMonth;
}

const text = (cap: Money | null | undefined): string | null =>
  cap === null || cap === undefined ? null : formatMoney(cap);
