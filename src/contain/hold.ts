import { describeError, TourniquetError } from "../errors.ts";
import { type Rein, setRein } from "../incident/agent-control.ts";
import type { ActionKey } from "../incident/gateway.ts";
import type { LateRaise } from "../incident/ports.ts";
import { toldCall } from "../incident/told-call.ts";
import { isCalledOff } from "../runbooks/called-off.ts";
import { lowered } from "../runbooks/lowering.ts";
import type { Plan } from "../runbooks/plan.ts";
import type { StepContext } from "../runbooks/runbook.ts";
import { setCapsToZero } from "../runbooks/steps/freeze-budget.ts";
import { halvedCaps, noneRaised, setHalved } from "../runbooks/steps/halve-budget.ts";
import { type Confirmation, confirm, lookAtAgent } from "./confirm.ts";
import { LATE_RAISE_LOOK_MS, undoLateRaise } from "./late-raise.ts";

/** From this many breaches of the hold on, the wallet itself is frozen, after the cancels (C3): a frozen wallet refuses refunds. */
const BREACHES_BEFORE_WALLET_FREEZE = 3;

/**
 * While contained what was done is held: the agent's own key can lift its cap, the gateway's batch route ignores caps, and
 * somebody may resume the agent. Looks, puts back what was lifted, sweeps what slipped in; each raises the alarm. Throws where
 * it could not.
 */
export async function hold(context: StepContext, plan: Plan, intervalMs: number): Promise<void> {
  const late = await bookNextLook(context, intervalMs);
  const [found] = await Promise.all([confirm(context, plan), holdSimilar(context)]);
  if (found.capsHold && found.loosened.length === 0 && found.slipped === 0) return;

  await answerBreach(context, plan, found, late);
  if (found.slipped > 0 && found.held > 0)
    throw new TourniquetError("containment-incomplete", found.missing.join(", "));
}

/** Sooner where a raise of ours may still take effect: that one is answered here. */
export async function bookNextLook({ ports, incident }: StepContext, intervalMs: number): Promise<LateRaise | null> {
  const late = await ports.caps.lateRaise(incident.agentId);
  await ports.incidents.attend(incident.id, late ? Math.min(LATE_RAISE_LOOK_MS, intervalMs) : intervalMs);
  return late;
}

/**
 * Counts it, puts back what was lifted, pages, and takes the last step of the ladder when it is due. Where the incident was called
 * off meanwhile it was recovery or stand-down that lifted it, and nobody breached anything. late: a raise of ours that may have taken effect only
 * now, which was known before the caps were looked at.
 */
export async function answerBreach(
  context: StepContext,
  plan: Plan,
  given: Confirmation,
  late: LateRaise | null,
): Promise<void> {
  const { ports, incident } = context;
  if (await isCalledOff(context)) return;
  const undo = (raise: LateRaise) => undoLateRaise(context, plan, raise, () => reassert(context, plan, raise.token));
  const isOurs = !given.capsHold && late !== null && (await undo(late));
  if (isOurs && given.loosened.length === 0) return;
  const found = isOurs ? { ...given, capsHold: true, slipped: 0 } : given;
  const { loosened } = found;
  const breach = {
    capsLifted: !found.capsHold,
    escrowsSwept: found.slipped,
    ...(loosened.length > 0 && { loosened }),
  };
  const count = await ports.incidents.countBreach(incident.id, breach);
  const putBack = await Promise.allSettled([
    breach.capsLifted ? reassert(context, plan, count) : null,
    tighten(context, incident.agentId, loosened),
  ]);
  for (const end of putBack) if (end.status === "rejected") throw end.reason;
  ports.log.warn({ incidentId: incident.id, agentId: incident.agentId, breaches: count, ...breach }, "hold.breached");
  // Told again while it goes on, and at once when the wallet is frozen and it still does.
  const news = incident.walletFrozenAt === null ? "hold-breached" : "hold-breached-wallet-frozen";
  const page = {
    agentId: incident.agentId,
    incidentId: incident.id,
    signalId: null,
    kind: "page",
    what: "hold-breached",
  } as const;
  await ports.dispatch.add("notification", incident.id, `page-${incident.id}-${news}`, page, { forgotten: true });
  const mayFreezeWallet = plan.budget === "freeze" && (breach.capsLifted || breach.escrowsSwept > 0);
  if (mayFreezeWallet && count >= BREACHES_BEFORE_WALLET_FREEZE && found.held === 0) await freezeWallet(context, count);
}

/** again: which putting back it is, for the name of the call. */
async function reassert(context: StepContext, plan: Plan, again: number | string): Promise<void> {
  const { incident, ports } = context;
  const snapshot = await ports.caps.snapshot(incident.agentId, incident.id);
  const outcome =
    plan.budget === "freeze"
      ? await setCapsToZero(context, `refreeze:${incident.agentId}:${incident.epoch}:${again}` as ActionKey, snapshot)
      : await halveAgain(context, again);
  if (outcome.outcome !== "done")
    throw new TourniquetError(
      "containment-incomplete",
      `what was set is lifted and not back yet: ${outcome.error.message}`,
    );
}

/** To what the receipt says, never to half of what is found; where one of the two caps was lowered since, it stays lower. */
async function halveAgain(context: StepContext, again: number | string) {
  const { incident, ports } = context;
  const [snapshot, receipts] = await Promise.all([
    ports.caps.snapshot(incident.agentId, incident.id),
    ports.incidents.receipts(incident.id),
  ]);
  const set = await halvedCaps(context, receipts);
  if (!snapshot || !set) throw new TourniquetError("containment-incomplete", "the daily cap is not reduced");
  const action = `rehalve:${incident.agentId}:${incident.epoch}:${again}` as ActionKey;
  return setHalved(context, snapshot, await noneRaised(context, set), action);
}

/** Asked again of the agent's platform, as all incidents together want it. */
async function tighten(context: StepContext, agentId: string, reins: readonly Rein[]): Promise<void> {
  const { ports, abort } = context;
  if (reins.length === 0 || !ports.agentControl) return;
  const { wanted, loosened } = await lookAtAgent(context, agentId);
  for (const rein of loosened) {
    const control = ports.agentControl;
    const outcome = await toldCall(ports.incidents, context.incident.id, `hold:${rein}:${agentId}`, () =>
      setRein(control, agentId, rein, wanted, { signal: abort }),
    );
    if (outcome.outcome !== "done")
      throw new TourniquetError(
        "containment-incomplete",
        `${agentId} was set loose and is not held back yet: ${outcome.error.message}`,
      );
  }
}

/** C8: those restricted beside it are kept so. They are nobody's emergency: what fails is logged, and looked at again. */
async function holdSimilar(context: StepContext): Promise<void> {
  const { ports, incident } = context;
  const marked = await ports.marks.leftBy(incident.id, "agent");
  const others = new Set(marked.map(({ whom }) => whom).filter((whom) => whom !== incident.agentId));
  for (const agentId of others) {
    try {
      const { loosened } = await lookAtAgent(context, agentId);
      if (loosened.length === 0) continue;
      await tighten(context, agentId, loosened);
      await ports.incidents.note(incident.id, "contain", "similar-agent-restricted-again", { agentId, loosened });
    } catch (error) {
      context.abort.throwIfAborted();
      ports.log.warn({ incidentId: incident.id, agentId, ...describeError(error) }, "similar-agent.not-held");
    }
  }
}

/** The end of the ladder; needs a key with admin scope, and says so where there is none. */
async function freezeWallet(context: StepContext, count: number): Promise<void> {
  const { ports, incident } = context;
  if (incident.walletFrozenAt !== null) return;
  const action = `freeze-wallet:${incident.agentId}:${incident.epoch}` as ActionKey;
  const outcome = await lowered(context, action, async () => {
    const answer = await ports.gateway.setWalletFrozen(incident.agentId, true, action);
    // While it still counts as on its way, and also where the answer is unclear: what stands down must know to undo it.
    if (answer.outcome !== "not-done") await ports.incidents.stamp(incident.id, "walletFrozenAt");
    return answer;
  });
  if (outcome.outcome === "done") {
    await ports.incidents.note(incident.id, "contain", "wallet-frozen", { breaches: count });
  } else {
    const detail = { breaches: count, message: outcome.error.message };
    await ports.incidents.note(incident.id, "contain", "wallet-not-frozen", detail);
  }
}
