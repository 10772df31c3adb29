import type { OrderedContainment } from "../contain/order-containment.ts";
import type { IncidentView, Status } from "../incident/incident.ts";
import type { Services } from "../services.ts";

/** C: what is ordered must be in effect within this; the workers go on trying after it. */
const WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 50;

export interface Effect {
  isInEffect: boolean;
  /** Null as long as no worker has taken it up. */
  incidentId: string | null;
  status: Status | null;
  /** From the order until the gateway was known to hold it; null where the runbook asks nothing of the gateway, or not yet. */
  effectMs: number | null;
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
    const incidentId = order.incidentId ?? (await verdicts.load(order.agentId, order.signalId))?.incidentId ?? null;
    const view = incidentId === null ? null : await incidents.view(incidentId);
    const effect = effectOf(order, view);
    if (effect.isInEffect || (await clock.now()) >= until) return effect;
    say(`${order.agentId}: ${effect.whyNot}`);
    await clock.wait(LOOK_EVERY_MS);
  }
}

function effectOf({ orderedAt }: OrderedContainment, view: IncidentView | null): Effect {
  if (view === null)
    return {
      ...{ isInEffect: false, incidentId: null, status: null, effectMs: null },
      whyNot: "no containment worker has taken it up; it is kept until one does",
    };
  const { id: incidentId, status, effectiveAt } = view;
  // Of what asks nothing of the gateway the status alone tells.
  const isInEffect = effectiveAt !== null || !["detected", "containing", "observed"].includes(status);
  const failed = view.steps.filter((step) => step.status === "failed").map(({ step }) => step);
  const waiting = failed.length > 0 ? `tried again: ${failed.join(", ")}` : "the steps are under way";
  const effectMs = effectiveAt === null ? null : effectiveAt - orderedAt;
  return { isInEffect, incidentId, status, effectMs, whyNot: isInEffect ? null : waiting };
}
