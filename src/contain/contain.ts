import { TourniquetError } from "../errors.ts";
import { isOver } from "../incident/incident.ts";
import type { JobData } from "../incident/jobs.ts";
import { type Plan, planOf } from "../runbooks/plan.ts";
import { runSteps, type StepContext } from "../runbooks/runbook.ts";
import { freezeBudget } from "../runbooks/steps/freeze-budget.ts";
import { confirm } from "./confirm.ts";
import { answerBreach, hold } from "./hold.ts";
import { isLeftAlone, observe } from "./observe.ts";
import type { ContainPorts } from "./ports.ts";

export type ContainAnswer = "contained" | "held" | "observed" | "left-alone" | "over" | "standing-down";

/**
 * Does whatever this incident still lacks: the steps without a receipt, the read-back, the hold. Safe to run at any time,
 * any number of times; jobs and the ticker only wake it. Throws while the agent is not contained: the queue tries again.
 */
export async function contain(
  ports: ContainPorts,
  { incidentId }: JobData["contain"],
  abort: AbortSignal,
): Promise<{ answer: ContainAnswer }> {
  const incident = await ports.incidents.load(incidentId);
  if (!incident) throw new TourniquetError("not-found", `no incident ${incidentId}`);
  if (isOver(incident.status)) return { answer: "over" };
  if (incident.standDown) {
    await ports.dispatch.add("recovery", incidentId, `stand-down-${incidentId}-${await ports.clock.now()}`, {
      incidentId,
    });
    return { answer: "standing-down" };
  }
  const context: StepContext = { ports, incident, signals: await ports.incidents.signals(incidentId), abort };
  const plan = planOf(incident);
  if (incident.dryRun) return observe(context, plan);
  if (isLeftAlone(ports, incident)) {
    await ports.incidents.attend(incidentId, ports.containment.holdIntervalMs);
    return { answer: "left-alone" };
  }
  if (incident.status === "contained") {
    // Read-back can confirm what a step that failed midway never reported: its receipt is made up for.
    await runSteps(
      context,
      plan.steps.filter((step) => step.effect === "sets" || step.urgent),
    );
    await hold(context, plan, ports.containment.holdIntervalMs);
    return { answer: "held" };
  }
  await ports.incidents.setStatus(incidentId, "containing", "contain", {});
  await runSteps(context, plan.slow);
  await runSteps(context, plan.urgent);
  await settle(context, plan, ports.containment.holdIntervalMs);
  return { answer: "contained" };
}

/** Contained is stated only after read-back (G8): caps exactly 0, no held escrow on any page. */
async function settle(context: StepContext, plan: Plan, holdIntervalMs: number): Promise<void> {
  const { ports, incident } = context;
  const found = await confirm(context, plan);
  if (!found.confirmed) {
    // A freeze with a receipt was done: caps other than 0 mean that somebody lifted it, and no step would put it back.
    const isLifted = !found.frozen && (await ports.incidents.receipts(incident.id)).has(freezeBudget.name);
    if (isLifted) await answerBreach(context, { ...found, slipped: 0 });
    throw new TourniquetError(
      "containment-incomplete",
      `${incident.agentId} is not contained: ${found.missing.join(", ")}`,
      { incidentId: incident.id },
    );
  }
  const effectiveAt = await ports.incidents.stamp(incident.id, "effectiveAt");
  const containedMs = (await ports.clock.now()) - incident.receivedAt;
  const { changed } = await ports.incidents.setStatus(incident.id, "contained", "contain", {
    freezeMs: effectiveAt - incident.receivedAt,
    containedMs,
    passes: found.passes,
  });
  await ports.incidents.attend(incident.id, holdIntervalMs);
  if (changed) await announce(context);
}

/** C5 and the page. In the notification queue, so that no failure there can touch containment. */
async function announce({ ports, incident }: StepContext): Promise<void> {
  const data = { agentId: incident.agentId, incidentId: incident.id, signalId: null } as const;
  const id = `${incident.id}-${await ports.clock.now()}`;
  await Promise.all([
    ports.dispatch.add("notification", incident.id, `page-${id}-contained`, {
      ...data,
      kind: "page",
      what: "contained",
    }),
    ports.dispatch.add("notification", incident.id, `publish-${incident.id}-budget-frozen`, {
      ...data,
      kind: "publish",
      what: "budget-frozen",
    }),
    ports.dispatch.add("notification", incident.id, `publish-${id}-containment-complete`, {
      ...data,
      kind: "publish",
      what: "containment-complete",
    }),
    ports.dispatch.add(
      "forensics",
      incident.id,
      `evidence-after-${incident.id}`,
      { incidentId: incident.id, part: "after" },
      { delayMs: 300_000 },
    ),
  ]);
}
