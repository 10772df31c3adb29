import { TourniquetError } from "../errors.ts";
import { countsForCascade } from "../incident/cascade.ts";
import type { StoredEvent } from "../incident/inbox.ts";
import { isOver } from "../incident/incident.ts";
import type { JobData } from "../incident/jobs.ts";
import type { OpenRequest } from "../incident/ports.ts";
import { signalId } from "../incident/signal-id.ts";
import type { Verdict } from "../incident/verdict.ts";
import { explainedBy, runbookFor, runbookNamed } from "../runbooks/index.ts";
import { planOf } from "../runbooks/plan.ts";
import { type Runbook, runSteps } from "../runbooks/runbook.ts";
import { isDryRun, type Settings } from "../settings/settings.ts";
import { confirmLate } from "./late.ts";
import { actingFor, isLeftAlone } from "./observe.ts";
import type { ContainPorts } from "./ports.ts";
import { holdBack } from "./silenced.ts";

/** One agent's; what is asked for the whole fleet is contain/fleet.ts. */
export type FreezeJob = Exclude<JobData["freeze"], { shutdownFor: unknown }>;

export type FreezeAnswer =
  | "opened"
  | "joined"
  | "known"
  | "answered"
  | "stale"
  | "silenced"
  | "no-event"
  | "no-verdict"
  | "decided-before"
  | "caps-seen";

/** G13 and the 60 s rule: what has not come about by then wakes a person, whatever the retries still do. */
const pagesUnless = [
  { what: "not-frozen-in-time", delayMs: 30_000 },
  { what: "not-contained-in-time", delayMs: 60_000 },
] as const;

/**
 * The urgent part of containment: open the agent's incident or join the open one, record the caps, freeze. The rest is
 * handed over before the gateway is asked, so that listing and cancelling start while the freeze is on its way.
 * Throws where the freeze is not confirmed: the queue tries again.
 */
export async function freeze(
  ports: ContainPorts,
  job: FreezeJob,
  abort: AbortSignal,
): Promise<{ answer: FreezeAnswer; incidentId?: string }> {
  if ("seeCapsOf" in job) return seeCaps(ports, job.seeCapsOf, abort);
  if (job.eventId === null) return freezeByVerdict(ports, job, abort);
  // Every round trip to Redis before the freeze leaves is money: what does not wait for another goes out with it.
  const [handedOver, current] = await Promise.all([
    job.signalId ? ports.verdicts.load(job.agentId, job.signalId) : null,
    ports.silences.current(),
  ]);
  // Whichever event's job came first, the event kept with the verdict is the one that is still to be answered for.
  const event = await ports.inbox.load(handedOver?.eventId ?? job.eventId);
  if (!event) return { answer: "no-event" };
  const verdict = job.signalId ? handedOver : carriedBy(event);
  if (!verdict) return { answer: "no-event" };
  if (event.disposition) return goOn(ports, event, verdict, abort);
  // What detection handed over, it has asked silences about.
  const silencedBy = job.signalId ? null : await holdBack(ports, verdict, current);
  if (silencedBy !== null) {
    await ports.inbox.dispose(event.id, "ignored", silencedBy, verdict.signal.occurredAt);
    return { answer: "silenced" };
  }
  const late = await confirmLate(ports, verdict.signal, current.now, abort);
  if (late.verdict === "stale") {
    await ports.inbox.dispose(event.id, "stale", late.reason, verdict.signal.occurredAt);
    return { answer: "stale" };
  }
  // What was judged at intake is kept here, for people and for what is concluded from several signals; before anything is handed over.
  const kept = job.signalId ? null : ports.verdicts.keep({ ...verdict, eventId: event.id });
  const [opened] = await Promise.all([open(ports, verdict, event.receivedAt), kept]);
  const disposition = opened.answer === "opened" ? "acted" : "joined";
  const { kind, occurredAt } = verdict.signal;
  await Promise.all([
    opened.handedOver,
    ports.inbox.dispose(event.id, disposition, `${opened.incidentId} ${kind}`, occurredAt),
    freezeNow(ports, opened, verdict, abort),
  ]);
  return { answer: opened.answer, incidentId: opened.incidentId };
}

/** Nobody's event decides, the verdict does: of a cascade, of a person. It is answered once, however often the job comes (G14). */
async function freezeByVerdict(
  ports: ContainPorts,
  { agentId, signalId }: { agentId: string; signalId: string },
  abort: AbortSignal,
): Promise<{ answer: FreezeAnswer; incidentId?: string }> {
  const [verdict, current] = await Promise.all([ports.verdicts.load(agentId, signalId), ports.silences.current()]);
  if (!verdict) return { answer: "no-verdict" };
  // Not where a person decided.
  const silencedBy = verdict.cascadeId === undefined ? null : await holdBack(ports, verdict, current);
  if (silencedBy !== null) return { answer: "silenced" };
  const opened = await open(ports, verdict, verdict.keptAt);
  const acting = actingFor(ports, [verdict.signal]);
  await Promise.all([opened.handedOver, freezeNow(acting, opened, verdict, abort)]);
  return { answer: opened.answer, incidentId: opened.incidentId };
}

/** The event was answered for before: a retry after a crash, or a replay. What its incident still lacks is done, nothing is opened (G14). */
async function goOn(
  ports: ContainPorts,
  event: StoredEvent,
  verdict: Verdict,
  abort: AbortSignal,
): Promise<{ answer: FreezeAnswer; incidentId?: string }> {
  const incidentId = /^inc-\S+/.exec(event.reason ?? "")?.[0];
  const incident = incidentId ? await ports.incidents.load(incidentId) : null;
  if (!incident || isOver(incident.status) || incident.standDown) return { answer: "decided-before" };
  // One event may prove two things: the second signal still joins. One that had joined changes nothing.
  const opened = await open(ports, verdict, event.receivedAt);
  await Promise.all([opened.handedOver, freezeNow(ports, opened, verdict, abort)]);
  return { answer: "decided-before", incidentId: incident.id };
}

/** Judged before the event had an id (detect/admit.ts): it is its own and only cause, and names the signal (G3). */
export function carriedBy(event: Pick<StoredEvent, "id" | "verdicts">): Verdict | null {
  const [verdict] = event.verdicts;
  if (!verdict) return null;
  const { signal } = verdict;
  const id = signalId(signal.kind, signal.agentId, event.id);
  return { ...verdict, signal: { ...signal, id, why: { ...signal.why, events: [event.id] } } };
}

interface Opened {
  answer: "opened" | "joined" | "known" | "answered";
  incidentId: string;
  /** On its way when `open` answers; whoever calls awaits it beside the freeze. */
  handedOver: Promise<unknown>;
}

/** Opened or joined: from here on the incident itself is what cannot be lost, and what must follow is in the queues. */
async function open(ports: ContainPorts, verdict: Verdict, receivedAt: number): Promise<Opened> {
  const { signal, decidedBy } = verdict;
  const { runbook } = runbookOf(verdict);
  const request = { ...openRequest(verdict, ports.settings, receivedAt), escalation: ports.settings.escalation };
  const { dryRun } = request;
  const { answer, incidentId, isNews } = await ports.incidents.open(request);
  ports.log.info(
    {
      incidentId,
      agentId: signal.agentId,
      eventId: verdict.eventId,
      signal: signal.kind,
      severity: signal.severity,
      decidedBy,
      dryRun,
      answer,
    },
    "incident.open",
  );
  const handedOver =
    answer === "answered" ? Promise.resolve() : handOver(ports, verdict, runbook, { incidentId, dryRun, isNews });
  return { answer, incidentId, handedOver };
}

/** What a verdict opens, or joins. */
export function openRequest(
  verdict: Verdict,
  settings: Pick<Settings, "mode" | "runbooks">,
  receivedAt: number,
): OpenRequest {
  const { signal, decidedBy, cascadeId, order } = verdict;
  const { runbook, priority } = runbookOf(verdict);
  return {
    signal,
    decidedBy,
    receivedAt,
    runbook: runbook.name,
    priority,
    dryRun: order === undefined && isDryRun(settings, runbook.name),
    cascadeId,
    explainedBy: cascadeId === undefined ? explainedBy(signal.kind) : [],
  };
}

/** As a member of a cascade an agent is contained by RB5, whatever its own signal would have asked for; by order as was ordered. */
function runbookOf({ signal, cascadeId, order }: Verdict): ReturnType<typeof runbookFor> {
  if (order !== undefined) return { runbook: runbookNamed(order.runbook), priority: order.priority };
  return cascadeId === undefined
    ? runbookFor(signal.kind, signal.severity)
    : { runbook: runbookNamed("cascade-failure"), priority: "P0" };
}

function handOver(
  ports: ContainPorts,
  verdict: Verdict,
  runbook: Runbook,
  { incidentId, dryRun, isNews }: { incidentId: string; dryRun: boolean; isNews: boolean },
): Promise<unknown> {
  const { signal, tier } = verdict;
  const { agentId, id: signalId } = signal;
  return Promise.all([
    // What is no news is looked at with all else that joins until then (contain/sweep.ts): one look at a time.
    isNews && ports.dispatch.add("contain", incidentId, `contain-${incidentId}-${signal.id}`, { incidentId }),
    ports.dispatch.add("forensics", incidentId, `evidence-${incidentId}`, { incidentId, part: "at-containment" }),
    countsForCascade(verdict) && ports.dispatch.add("correlate", agentId, `cascade-${signalId}`, { agentId, signalId }),
    tier === "full-shutdown" &&
      !dryRun &&
      ports.dispatch.add("freeze", agentId, `shutdown-${signalId}`, { shutdownFor: { agentId, signalId } }),
    // Of a dry run nobody waits for anything; when it becomes a real incident these are booked anew.
    ...(dryRun ? [] : pagesUnless).map(({ what, delayMs }) => {
      const data = { agentId: signal.agentId, incidentId, signalId: null, kind: "page", what } as const;
      // Once for each runbook: what joins may ask for a freeze where the incident began with less.
      const jobId = `page-${incidentId}-${runbook.name}-${what}`;
      return ports.dispatch.add("notification", incidentId, jobId, data, { delayMs });
    }),
  ]);
}

async function freezeNow(
  ports: ContainPorts,
  { answer, incidentId }: Opened,
  { signal }: Verdict,
  abort: AbortSignal,
): Promise<void> {
  if (answer === "answered") return;
  const incident = await ports.incidents.load(incidentId);
  if (!incident || isOver(incident.status) || incident.standDown || isLeftAlone(ports, incident)) return;
  const { urgent } = planOf(incident);
  const [{ failed }] = await Promise.all([
    runSteps({ ports, incident, signals: [signal], abort }, urgent),
    // What joins has said already whether there is more to contain.
    incident.dryRun || incident.status !== "detected"
      ? null
      : ports.incidents.setStatus(incidentId, "containing", "contain", {}),
  ]);
  const missing = failed.filter((name) => urgent.some((step) => step.name === name && step.effect === "sets"));
  if (missing.length > 0)
    throw new TourniquetError(
      "containment-incomplete",
      `what is urgent for ${incident.agentId} is not done yet: ${missing.join(", ")}`,
      {
        incidentId,
        failed,
      },
    );
}

/** A window is filling: learn the caps now, so that a freeze later is one round trip (C1). Failing costs only that round trip. */
async function seeCaps(ports: ContainPorts, agentId: string, abort: AbortSignal): Promise<{ answer: FreezeAnswer }> {
  const budget = await ports.gateway.readBudget(agentId, { deadlineMs: ports.limits.deadlineMs, signal: abort });
  // The real gateway takes a threshold and never shows it: what the fleet's settings say is what is to come back.
  const alertThreshold = budget.alertThreshold ?? ports.fleetAgent(agentId)?.caps?.alertThreshold;
  await ports.caps.see(agentId, { ...budget, alertThreshold });
  return { answer: "caps-seen" };
}
