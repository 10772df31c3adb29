import type { Incident } from "../incident/incident.ts";
import type { Signal } from "../incident/signal.ts";
import { countHeld } from "../runbooks/count-held.ts";
import type { Plan } from "../runbooks/plan.ts";
import { runSteps, type StepContext } from "../runbooks/runbook.ts";
import type { Settings } from "../settings/settings.ts";
import type { ContainPorts } from "./ports.ts";

/**
 * P5: an incident from before observe-only mode is neither worked on nor held; standing it down is a person's order and goes
 * through. Back in act mode the next look goes on with it.
 */
export function isLeftAlone(
  { settings }: { settings: Pick<Settings, "mode"> },
  incident: Pick<Incident, "dryRun">,
): boolean {
  return settings.mode === "observe" && !incident.dryRun;
}

/**
 * What a named person ordered (contain/order-containment.ts) is done in observe-only mode as in any other, for as long as its
 * incident is open; so it is with what else joins that incident.
 */
export function actingFor<P extends Pick<ContainPorts, "ordered" | "settings">>(
  ports: P,
  signals: readonly Pick<Signal, "kind">[],
): P {
  if (ports.settings.mode === "act" || !signals.some(({ kind }) => kind === "containment-order")) return ports;
  return { ...ports, ...ports.ordered, settings: { ...ports.settings, mode: "act" } };
}

/** A dry run is over when nothing joined it for so long: the next trouble is another one. */
const QUIET_MS = 3_600_000;
const LOOK_EVERY_MS = 60_000;

/**
 * P5: what would have been done is recorded, once; what only reads is read. Nothing is held, so the incident ends by itself
 * when the trouble has been quiet for an hour.
 */
export async function observe(context: StepContext, plan: Plan): Promise<{ answer: "observed" }> {
  const { ports, incident } = context;
  await runSteps(context, plan.steps);
  await countHeld(context, plan.escrows);
  const would = plan.steps.filter(({ effect }) => effect !== "reads").map(({ name }) => name);
  const { changed } = await ports.incidents.setStatus(incident.id, "observed", "contain", { would });
  await ports.incidents.attend(incident.id, LOOK_EVERY_MS);
  if (changed) {
    const page = { agentId: incident.agentId, incidentId: incident.id, signalId: null, kind: "page" } as const;
    await ports.dispatch.add("notification", incident.id, `page-${incident.id}-observed`, {
      ...page,
      what: "observed",
    });
  }
  const newest = Math.max(...context.signals.map(({ occurredAt }) => occurredAt), incident.joinedAt);
  if ((await ports.clock.now()) - newest > QUIET_MS)
    await ports.incidents.setStatus(incident.id, "resolved", "learn", { why: "quiet for an hour; it was a dry run" });
  return { answer: "observed" };
}
