import { randomUUID } from "node:crypto";
import { TourniquetError } from "../../errors.ts";
import type { ActionKey, BudgetCaps, Outcome } from "../../incident/gateway.ts";
import { zero } from "../../incident/money.ts";
import type { Snapshot } from "../../incident/snapshot.ts";
import { beginLowering, dropLowering, lowered } from "../lowering.ts";
import type { Step, StepContext } from "../runbook.ts";

/** Tries within one attempt of the job; the queue tries again after that, for ever. */
const TRIES = 3;
const LEASE_MARGIN_MS = 1_000;
const DEFAULT_THRESHOLD = 0.8;

/**
 * sets: both caps to 0 (C1). Absolute, so an unclear answer is simply repeated: no grace, no read first (G7).
 * Its undo is stand-down or recovery, which restore what record-budget-cap kept.
 */
export const freezeBudget: Step = {
  name: "freeze-budget",
  effect: "sets",
  urgent: true,
  async run(context) {
    let failure: TourniquetError | undefined;
    for (let tries = 1; tries <= TRIES; tries += 1) {
      const answer = await tryFreeze(context);
      if (answer.done) return answer.result;
      failure = answer.error;
      if (tries === 1) await pageFreezeFailing(context);
    }
    throw new TourniquetError("step-failed", `the freeze is not confirmed: ${failure?.message}`, failure?.detail);
  },
};

type Try = { done: true; result: Record<string, unknown> } | { done: false; error: TourniquetError };

async function tryFreeze(context: StepContext): Promise<Try> {
  const { ports, incident, abort } = context;
  const action = `freeze:${incident.agentId}:${incident.epoch}` as ActionKey;
  const begun = beginLowering(context, action);
  const [claim, requestedAt, snapshot] = await Promise.all([
    claimWhenFree(context, action),
    ports.incidents.stamp(incident.id, "requestedAt"),
    ports.caps.snapshot(incident.agentId, incident.id),
    begun,
  ]);
  if (claim.answer === "done") {
    await dropLowering(context, action, begun);
    return { done: true, result: { ...claim.result } };
  }
  // Held up for longer than its lease it must not send any more: the agent may have been frozen and released meanwhile (G12).
  if (performance.now() > claim.leaseEndsAt) {
    await dropLowering(context, action, begun);
    return tryFreeze(context);
  }
  const outcome = await setCapsToZero(context, action, snapshot, { begun, sendBy: claim.leaseEndsAt });
  if (outcome.outcome !== "done") {
    await ports.actions.finish(incident.agentId, action, claim.fence, "retry", {});
    await ports.incidents.note(incident.id, "contain", "freeze-unconfirmed", {
      outcome: outcome.outcome,
      message: outcome.error.message,
    });
    abort.throwIfAborted();
    return { done: false, error: outcome.error };
  }
  const effectiveAt = await ports.incidents.stamp(incident.id, "effectiveAt");
  const result = { requestedAt, effectiveAt, dailyCap: "0.00", monthlyCap: "0.00" };
  await ports.actions.finish(incident.agentId, action, claim.fence, "done", result);
  return { done: true, result };
}

/** One write, no claim: also what the hold does when somebody lifted the freeze. */
export function setCapsToZero(
  context: StepContext,
  action: ActionKey,
  snapshot: Snapshot | null,
  { begun, sendBy }: { begun?: Promise<string | null>; sendBy?: number } = {},
): Promise<Outcome<BudgetCaps>> {
  const { ports, incident, abort } = context;
  const frozen = { dailyCap: zero, monthlyCap: zero, alertThreshold: snapshot?.alertThreshold ?? DEFAULT_THRESHOLD };
  const options = { deadlineMs: ports.limits.deadlineMs, signal: abort, ...(sendBy !== undefined && { sendBy }) };
  return lowered(context, action, () => ports.gateway.setBudget(incident.agentId, frozen, action, options), begun);
}

/** Another worker's freeze in flight is as good as ours: wait for its end, or take over when its lease runs out. */
async function claimWhenFree({ ports, incident, abort }: StepContext, action: ActionKey) {
  const leaseMs = ports.limits.deadlineMs + LEASE_MARGIN_MS;
  for (;;) {
    const leaseEndsAt = performance.now() + leaseMs;
    const claim = await ports.actions.claim(incident.agentId, action, randomUUID(), leaseMs, 0, incident.id);
    if (claim.answer !== "busy") return { ...claim, leaseEndsAt };
    await ports.clock.wait(Math.min(claim.waitMs, 100), abort);
  }
}

/** RB1: if the freeze fails, page at once and keep retrying. */
async function pageFreezeFailing({ ports, incident }: StepContext): Promise<void> {
  const data = {
    agentId: incident.agentId,
    incidentId: incident.id,
    signalId: null,
    kind: "page",
    what: "freeze-failing",
  } as const;
  await ports.dispatch.add("notification", incident.agentId, `page-${incident.id}-freeze-failing`, data, {
    // So that it comes again while it lasts; the page itself decides how often (notify/tell.ts).
    forgotten: true,
  });
}
