import type { OrderedContainment } from "../contain/order-containment.ts";
import { type IncidentView, isOver, type Status } from "../incident/incident.ts";
import { planOf } from "../runbooks/plan.ts";
import { freezeBudget } from "../runbooks/steps/freeze-budget.ts";
import { halveBudget } from "../runbooks/steps/halve-budget.ts";
import type { Services } from "../services.ts";

/** C: what is ordered must be in effect within this; the workers go on trying after it. */
const WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 50;

export interface Effect {
  isInEffect: boolean;
  /** Null as long as no worker has taken it up. */
  incidentId: string | null;
  status: Status | null;
  /** From the order until the gateway was known to hold it; null where the runbook asks nothing of the gateway, not yet, or before the order. */
  effectMs: number | null;
  /** What was ordered was in effect already when it was ordered. */
  wasInEffect: boolean;
  /** What it is waiting for; null where it is in effect. */
  whyNot: string | null;
}

type Ports = Pick<Services, "verdicts" | "incidents" | "clock">;

/** Looks until what was ordered is in effect, and says meanwhile how far it is. Answers after a minute at the latest. */
export async function awaitEffect(
  { verdicts, incidents, clock }: Ports,
  order: OrderedContainment,
  say: (text: string) => void,
  withinMs = WITHIN_MS,
): Promise<Effect> {
  const until = (await clock.now()) + withinMs;
  for (;;) {
    const incidentId = (await verdicts.load(order.agentId, order.signalId))?.incidentId ?? null;
    const view = incidentId === null ? null : await incidents.view(incidentId);
    const effect = effectOf(order, view);
    const isDecided = effect.isInEffect || (view !== null && isGivenUp(view));
    if (isDecided || (await clock.now()) >= until) return effect;
    say(`${order.agentId}: ${effect.whyNot}`);
    await clock.wait(LOOK_EVERY_MS);
  }
}

/** Somebody called it off after the order had joined it. */
const isGivenUp = ({ status, standDown }: IncidentView): boolean =>
  standDown !== null || status === "recovering" || isOver(status);

const setBy = { freeze: freezeBudget.name, halve: halveBudget.name, leave: null } as const;

/**
 * Of this order, not of what its incident had done before: one that was only halved is not frozen. Its joining makes an incident
 * that was contained be read back anew, so "contained" was found after it.
 */
function effectOf({ orderedAt }: OrderedContainment, view: IncidentView | null): Effect {
  if (view === null)
    return {
      ...{ ...notInEffect, incidentId: null, status: null },
      whyNot: "no containment worker has taken it up; it is kept until one does",
    };
  const { id: incidentId, status, standDown } = view;
  if (isGivenUp(view)) {
    const whyNot = `${incidentId} was called off since: ${standDown ? `stood down by ${standDown.by}` : status}`;
    return { ...notInEffect, incidentId, status, whyNot };
  }
  const { budget } = planOf(view);
  const done = view.steps.find((step) => step.step === setBy[budget] && step.status === "done");
  const at = done?.at ?? (budget === "leave" ? null : view.effectiveAt);
  const isInEffect = status === "contained" || (done?.at ?? 0) >= orderedAt;
  if (isInEffect) {
    const wasInEffect = at !== null && at < orderedAt;
    const effectMs = at === null || wasInEffect ? null : at - orderedAt;
    return { isInEffect, incidentId, status, effectMs, wasInEffect, whyNot: null };
  }
  const failed = view.steps.filter((step) => step.status === "failed").map(({ step }) => step);
  const whyNot = failed.length > 0 ? `tried again: ${failed.join(", ")}` : "the steps are under way";
  return { ...notInEffect, incidentId, status, whyNot };
}

const notInEffect = { isInEffect: false, effectMs: null, wasInEffect: false } as const;
