import { TourniquetError } from "../errors.ts";
import { sumDollars } from "../incident/dollars.ts";
import { type Incident, isOver } from "../incident/incident.ts";
import type { JobData, NotificationJob } from "../incident/jobs.ts";
import { type Plan, planOf } from "../runbooks/plan.ts";
import { runSteps, type StepContext } from "../runbooks/runbook.ts";
import { freezeBudget } from "../runbooks/steps/freeze-budget.ts";
import { halveBudget } from "../runbooks/steps/halve-budget.ts";
import { confirm } from "./confirm.ts";
import { answerBreach, bookNextLook, hold } from "./hold.ts";
import { actingFor, isLeftAlone, observe } from "./observe.ts";
import type { ContainPorts } from "./ports.ts";

export type ContainAnswer = "contained" | "held" | "observed" | "left-alone" | "over" | "standing-down" | "recovering";

/**
 * Does whatever this incident still lacks: the steps without a receipt, the read-back, the hold. Safe to run at any time,
 * any number of times; jobs and the ticker only wake it. Throws while the agent is not contained: the queue tries again.
 */
export async function contain(
  given: ContainPorts,
  { incidentId }: JobData["contain"],
  abort: AbortSignal,
): Promise<{ answer: ContainAnswer }> {
  const incident = await given.incidents.load(incidentId);
  if (!incident) throw new TourniquetError("not-found", `no incident ${incidentId}`);
  const end = await look(given, incident, abort);
  const stands = await given.incidents.load(incidentId);
  // What joined since this look began may not be in what it saw. The look that the ticker would have made for it met this one.
  if (stands?.signalCount !== incident.signalCount) await given.incidents.attend(incidentId, 0);
  return end;
}

async function look(given: ContainPorts, incident: Incident, abort: AbortSignal): Promise<{ answer: ContainAnswer }> {
  const incidentId = incident.id;
  const signals = await given.incidents.signals(incidentId);
  const ports = actingFor(given, signals);
  if (isOver(incident.status)) return { answer: "over" };
  if (incident.standDown) {
    await ports.dispatch.add("recovery", incidentId, `stand-down-${incidentId}-${await ports.clock.now()}`, {
      incidentId,
    });
    return { answer: "standing-down" };
  }
  if (incident.recovery) {
    // One look at a time. Until its gates have passed the agent is held as ever.
    await ports.dispatch.add("recovery", incidentId, `recover-${incidentId}`, { incidentId }, { forgotten: true });
    if (incident.status === "recovering") return { answer: "recovering" };
  }
  const context: StepContext = { ports, incident, signals, abort };
  const plan = planOf(incident);
  if (incident.dryRun) return observe(context, plan);
  if (isLeftAlone(ports, incident)) {
    await ports.incidents.attend(incidentId, ports.containment.holdIntervalMs);
    return { answer: "left-alone" };
  }
  if (incident.status === "contained") {
    await announceNews(context, plan, incident.toAnnounce);
    // Read-back can confirm what a step that failed midway never reported: its receipt is made up for. Evidence that could
    // not be had before is asked for again.
    await runSteps(context, plan.steps);
    await hold(context, plan, ports.containment.holdIntervalMs);
    return { answer: "held" };
  }
  await ports.incidents.setStatus(incidentId, "containing", "contain", {});
  // Where a freeze is asked its step says when; of the rest this is the moment.
  if (plan.budget === "leave") await ports.incidents.stamp(incidentId, "requestedAt");
  const lanes = await Promise.allSettled(plan.lanes.map((steps) => runSteps(context, steps)));
  for (const lane of lanes) if (lane.status === "rejected") throw lane.reason;
  await runSteps(context, plan.urgent);
  const answer = await settle(context, plan, ports.containment.holdIntervalMs);
  // What the steps themselves found may have widened the incident (C4): what it asks for now is done now.
  return answer === "widened" ? contain(given, { incidentId }, abort) : { answer };
}

/** Contained is stated only after read-back (G8): caps as they must be, no held escrow on any page, the agent held back. */
async function settle(context: StepContext, plan: Plan, holdIntervalMs: number): Promise<"contained" | "widened"> {
  const { ports, incident } = context;
  const late = await ports.caps.lateRaise(incident.agentId);
  const found = await confirm(context, plan);
  if (!found.confirmed) {
    // What has a receipt was done: if it is no more, somebody lifted it, and no step would put it back.
    const receipts = await ports.incidents.receipts(incident.id);
    const isLifted = !found.capsHold && (receipts.has(freezeBudget.name) || receipts.has(halveBudget.name));
    if (isLifted || found.loosened.length > 0)
      await answerBreach(context, plan, { ...found, capsHold: !isLifted, slipped: 0 }, late);
    throw new TourniquetError(
      "containment-incomplete",
      `${incident.agentId} is not contained: ${found.missing.join(", ")}`,
      { incidentId: incident.id },
    );
  }
  if ((await ports.incidents.load(incident.id))?.runbooks.length !== incident.runbooks.length) return "widened";
  const isInEffect = await tookEffect(context, plan);
  const effectiveAt = isInEffect ? await ports.incidents.stamp(incident.id, "effectiveAt") : null;
  const containedMs = (await ports.clock.now()) - incident.receivedAt;
  await ports.incidents.setStatus(incident.id, "contained", "contain", {
    freezeMs: effectiveAt && effectiveAt - incident.receivedAt,
    containedMs,
    passes: found.passes,
  });
  await bookNextLook(context, holdIntervalMs);
  await announceNews(context, plan, (await ports.incidents.load(incident.id))?.toAnnounce ?? null);
  return "contained";
}

/** False where all that was asked is for a person to do, or there was nothing to reduce. */
async function tookEffect({ ports, incident }: StepContext, plan: Plan): Promise<boolean> {
  if (plan.budget === "freeze") return true;
  const receipts = await ports.incidents.receipts(incident.id);
  if (plan.budget === "halve" && typeof receipts.get(halveBudget.name)?.result.dailyCap === "string") return true;
  return plan.slow.some((step) => step.lane === "agent" && receipts.get(step.name)?.result.byHand === undefined);
}

/** What a second page would say anew: priority, what was done, money. A signal that joins and changes none of it pages nothing. */
async function newsOf({ ports, incident }: StepContext, { budget, escrows, slow }: Plan): Promise<string> {
  const { locked } = sumDollars([...(await ports.incidents.escrows(incident.id)).values()]);
  const onAgent = slow.filter(({ lane }) => lane === "agent").map(({ name }) => name);
  return [incident.priority, budget, escrows, ...onAgent.sort(), locked].join("-");
}

/** Once each time that it was contained, also where whoever did that died; every job has a fixed id. at: null where it was told. */
async function announceNews(context: StepContext, plan: Plan, at: number | null): Promise<void> {
  if (at === null) return;
  await announce(context, plan, await tookEffect(context, plan));
  await context.ports.incidents.announced(context.incident.id, at);
}

/** C5 and the page. In the notification queue, so that no failure there can touch containment. */
async function announce(context: StepContext, plan: Plan, isInEffect: boolean): Promise<void> {
  const { ports, incident } = context;
  const occasion = await newsOf(context, plan);
  const id = `${incident.id}-${occasion}`;
  const about = { agentId: incident.agentId, incidentId: incident.id, signalId: null };
  const tell = (jobId: string, job: NotificationJob) => ports.dispatch.add("notification", incident.id, jobId, job);
  const publish = (what: string) => tell(`publish-${incident.id}-${what}`, { ...about, kind: "publish", what });
  const evidence = { incidentId: incident.id, part: "after" } as const;
  await Promise.all([
    tell(`page-${id}-contained`, { ...about, kind: "page", what: "contained" }),
    plan.budget === "freeze" ? publish("budget-frozen") : null,
    plan.budget === "halve" && isInEffect ? publish("budget-reduced") : null,
    plan.slow.some(({ lane }) => lane === "agent") && isInEffect ? publish("agent-held-back") : null,
    tell(`publish-${id}-containment-complete`, { ...about, kind: "publish", what: "containment-complete", occasion }),
    ports.dispatch.add("forensics", incident.id, `evidence-after-${incident.id}`, evidence, { delayMs: 300_000 }),
  ]);
}
