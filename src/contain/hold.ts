import { TourniquetError } from "../errors.ts";
import type { ActionKey } from "../incident/gateway.ts";
import type { Plan } from "../runbooks/plan.ts";
import type { StepContext } from "../runbooks/runbook.ts";
import { setCapsToZero } from "../runbooks/steps/freeze-budget.ts";
import { type Confirmation, confirm } from "./confirm.ts";

/** From this many breaches of the hold on, the wallet itself is frozen, after the cancels (C3): a frozen wallet refuses refunds. */
const BREACHES_BEFORE_WALLET_FREEZE = 3;

/**
 * While contained the freeze is held: the agent's own key can lift its cap, and the gateway's batch route ignores caps.
 * Looks, puts back what was lifted, sweeps what slipped in; each raises the alarm. Throws where it could not.
 */
export async function hold(context: StepContext, plan: Plan, intervalMs: number): Promise<void> {
  const { ports, incident } = context;
  await ports.incidents.attend(incident.id, intervalMs);
  const found = await confirm(context, plan);
  if (found.frozen && found.slipped === 0) return;

  await answerBreach(context, found);
  if (found.slipped > 0 && !found.confirmed)
    throw new TourniquetError("containment-incomplete", found.missing.join(", "));
}

/** Counts it, puts the freeze back if it was lifted, pages, and takes the last step of the ladder when it is due. */
export async function answerBreach(context: StepContext, found: Confirmation): Promise<void> {
  const { ports, incident } = context;
  const breach = { capsLifted: !found.frozen, escrowsSwept: found.slipped };
  const count = await ports.incidents.countBreach(incident.id, breach);
  if (breach.capsLifted) await reassert(context, count);
  ports.log.warn({ incidentId: incident.id, agentId: incident.agentId, breaches: count, ...breach }, "hold.breached");
  const page = {
    agentId: incident.agentId,
    incidentId: incident.id,
    signalId: null,
    kind: "page",
    what: "hold-breached",
  } as const;
  await ports.dispatch.add("notification", incident.id, `page-${incident.id}-breach-${count}`, page);
  if (count >= BREACHES_BEFORE_WALLET_FREEZE && found.held === 0) await freezeWallet(context, count);
}

async function reassert(context: StepContext, count: number): Promise<void> {
  const { incident, ports } = context;
  const action = `refreeze:${incident.agentId}:${incident.epoch}:${count}` as ActionKey;
  const outcome = await setCapsToZero(context, action, await ports.caps.snapshot(incident.agentId, incident.id));
  if (outcome.outcome !== "done")
    throw new TourniquetError(
      "containment-incomplete",
      `the freeze is lifted and not back yet: ${outcome.error.message}`,
    );
}

/** The end of the ladder; needs a key with admin scope, and says so where there is none. */
async function freezeWallet({ ports, incident }: StepContext, count: number): Promise<void> {
  if (incident.walletFrozenAt !== null) return;
  const action = `freeze-wallet:${incident.agentId}:${incident.epoch}` as ActionKey;
  const outcome = await ports.gateway.setWalletFrozen(incident.agentId, true, action);
  if (outcome.outcome === "done") {
    await ports.incidents.stamp(incident.id, "walletFrozenAt");
    await ports.incidents.note(incident.id, "contain", "wallet-frozen", { breaches: count });
  } else {
    const detail = { breaches: count, message: outcome.error.message };
    await ports.incidents.note(incident.id, "contain", "wallet-not-frozen", detail);
  }
}
