import { randomUUID } from "node:crypto";
import { TourniquetError } from "../../errors.ts";
import type { ActionKey, BudgetCaps, Outcome } from "../../incident/gateway.ts";
import { isOver, type Receipt } from "../../incident/incident.ts";
import { centsOf, formatMoney, type Money, money } from "../../incident/money.ts";
import type { Snapshot } from "../../incident/snapshot.ts";
import { lowest, mostThatMayStand, type TwoCaps } from "../caps-to-restore.ts";
import { lowered } from "../lowering.ts";
import type { Step, StepContext } from "../runbook.ts";
import { setCapsToZero } from "./freeze-budget.ts";

const LEASE_MARGIN_MS = 1_000;

/**
 * sets: the daily cap to half of what it was before the incident, or left where it is if that is less already (RB4). Counted from
 * the snapshot, so that no repeat, second signal or second incident halves it again; the month stays as it is found, and a cap
 * that was none is not invented. Its undo is stand-down, which restores the snapshot.
 */
export const halveBudget: Step = {
  name: "halve-budget",
  effect: "sets",
  urgent: true,
  async run(context) {
    const { ports, incident } = context;
    const snapshot = await ports.caps.snapshot(incident.agentId, incident.id);
    if (!snapshot) throw new TourniquetError("step-failed", "the caps from before are not known yet: nothing to halve");
    if (snapshot.dailyCap === null) return { dailyCap: null, note: "it has no daily cap, and none is invented" };
    return halve(context, snapshot, centsOf(snapshot.dailyCap, 50));
  },
};

async function halve(context: StepContext, snapshot: Snapshot, half: Money): Promise<Record<string, unknown>> {
  const { ports, incident } = context;
  const { agentId, id, epoch } = incident;
  const action = `halve:${agentId}:${epoch}` as ActionKey;
  const leaseMs = 2 * ports.limits.deadlineMs + LEASE_MARGIN_MS;
  const leaseEndsAt = performance.now() + leaseMs;
  const claim = await ports.actions.claim(agentId, action, randomUUID(), leaseMs, 0, id);
  if (claim.answer === "done") return { ...claim.result };
  if (claim.answer === "busy") throw new TourniquetError("step-failed", "another worker is at it; looking again");
  const caps = await noneRaised(context, await mostOf(context, snapshot, half));
  const requestedAt = await ports.incidents.stamp(id, "requestedAt");
  // Held up beyond its lease it must not send any more: the agent may have been frozen or released meanwhile (G12).
  const sendBy = leaseEndsAt - ports.limits.deadlineMs;
  const isLate = performance.now() > sendBy;
  const outcome = isLate ? null : await setHalved(context, snapshot, caps, action, sendBy);
  if (outcome?.outcome !== "done") {
    await ports.actions.finish(agentId, action, claim.fence, "retry", {});
    throw new TourniquetError(
      "step-failed",
      `the cap is not reduced yet: ${outcome?.error.message ?? "it took too long"}`,
    );
  }
  const effectiveAt = await ports.incidents.stamp(id, "effectiveAt");
  const result = { requestedAt, effectiveAt, ...shown(caps), from: formatMoney(snapshot.dailyCap!) };
  await ports.actions.finish(agentId, action, claim.fence, "done", result);
  return result;
}

const shown = ({ dailyCap, monthlyCap }: TwoCaps) => ({
  dailyCap: dailyCap === null ? null : formatMoney(dailyCap),
  monthlyCap: monthlyCap === null ? null : formatMoney(monthlyCap),
});

/** The most that is left of both: half a day, and the month, neither above what a recovery had given back that this takes the place of. */
async function mostOf({ ports, incident }: StepContext, snapshot: Snapshot, half: Money): Promise<TwoCaps> {
  const before = incident.supersedes === null ? null : await ports.incidents.load(incident.supersedes);
  const most = mostThatMayStand(snapshot, ports.fleetAgent(incident.agentId), before?.recovery ?? null);
  return lowest(most, { dailyCap: half, monthlyCap: undefined });
}

/** What its receipt says that was set; null where it left the caps alone, or is not done. */
export async function halvedCaps(
  context: StepContext,
  receipts: ReadonlyMap<string, Receipt>,
): Promise<TwoCaps | null> {
  const { dailyCap, monthlyCap } = receipts.get(halveBudget.name)?.result ?? {};
  if (typeof dailyCap !== "string") return null;
  const day = money(dailyCap);
  if (typeof monthlyCap === "string") return { dailyCap: day, monthlyCap: money(monthlyCap) };
  if (monthlyCap === null) return { dailyCap: day, monthlyCap };
  // A receipt from before the month was kept in it.
  const snapshot = await context.ports.caps.snapshot(context.incident.agentId, context.incident.id);
  return snapshot && mostOf(context, snapshot, day);
}

/** As the gateway shows them now, where that is less than these: containment raises nothing. */
export async function noneRaised({ ports, incident, abort }: StepContext, caps: TwoCaps): Promise<TwoCaps> {
  const options = { deadlineMs: ports.limits.deadlineMs, signal: abort };
  return lowest(caps, await ports.gateway.readBudget(incident.agentId, options));
}

/**
 * One write, and no raise by accident: where a signal joined that freezes, the half would lift that freeze. It is asked before
 * and after, and 0 goes out again if it came between; the hold's next look would find it too. Also what the hold puts back.
 */
export async function setHalved(
  context: StepContext,
  snapshot: Snapshot,
  caps: TwoCaps,
  action: ActionKey,
  sendBy?: number,
): Promise<Outcome<BudgetCaps>> {
  const { ports, incident, abort } = context;
  if (!(await mayHalve(context)))
    return {
      outcome: "not-done",
      error: new TourniquetError("conflict", "the incident asks for something else by now"),
    };
  const options = { deadlineMs: ports.limits.deadlineMs, signal: abort, ...(sendBy !== undefined && { sendBy }) };
  // The gateway replaces the whole row: a month that it never showed must not become none.
  const row = { ...caps, alertThreshold: snapshot.alertThreshold };
  const outcome = await lowered(context, action, () => ports.gateway.setBudget(incident.agentId, row, action, options));
  const now = await ports.incidents.load(incident.id);
  if (now && !now.standDown && !isOver(now.status) && ports.budgetOf(now) === "freeze") {
    await setCapsToZero(context, `${action}:undone` as ActionKey, snapshot);
  }
  return outcome;
}

/** As it is now, not as it was when this worker took the job: still open, nobody standing it down, and nothing stricter asked. */
async function mayHalve({ ports, incident }: StepContext): Promise<boolean> {
  const now = await ports.incidents.load(incident.id);
  return (
    now !== null &&
    !isOver(now.status) &&
    now.standDown === null &&
    now.epoch === incident.epoch &&
    ports.budgetOf(now) === "halve"
  );
}
