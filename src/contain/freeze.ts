import { TourniquetError } from "../errors.ts";
import { isOver } from "../incident/incident.ts";
import type { JobData, StoredEvent, Verdict } from "../incident/ports.ts";
import { runbookFor, runbookNamed } from "../runbooks/index.ts";
import { runSteps } from "../runbooks/runbook.ts";
import { confirmLate } from "./late.ts";
import type { ContainPorts } from "./ports.ts";

export type FreezeAnswer = "opened" | "joined" | "known" | "stale" | "no-event" | "decided-before" | "caps-seen";

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
  job: JobData["freeze"],
  abort: AbortSignal,
): Promise<{ answer: FreezeAnswer; incidentId?: string }> {
  if ("seeCapsOf" in job) return seeCaps(ports, job.seeCapsOf, abort);
  // Every round trip to Redis before the freeze leaves is money: what does not wait for another goes out with it.
  const [handedOver, now] = await Promise.all([
    job.signalId ? ports.verdicts.load(job.agentId, job.signalId) : null,
    ports.clock.now(),
  ]);
  // Whichever event's job came first, the event kept with the verdict is the one that is still to be answered for.
  const event = await ports.inbox.load(handedOver?.eventId ?? job.eventId);
  if (!event) return { answer: "no-event" };
  const verdict = job.signalId ? handedOver : carriedBy(event);
  if (!verdict) return { answer: "no-event" };
  if (event.disposition) return goOn(ports, event, verdict, abort);
  const late = await confirmLate(ports, verdict.signal, now, abort);
  if (late.verdict === "stale") {
    await ports.inbox.dispose(event.id, "stale", late.reason);
    return { answer: "stale" };
  }
  const opened = await open(ports, event, verdict);
  await Promise.all([opened.handedOver, freezeNow(ports, opened.incidentId, verdict, abort)]);
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
  const { handedOver } = await open(ports, event, verdict);
  await Promise.all([handedOver, freezeNow(ports, incident.id, verdict, abort)]);
  return { answer: "decided-before", incidentId: incident.id };
}

/** Judged before the event had an id (detect/admit.ts): it is its own and only cause. */
function carriedBy(event: StoredEvent): Verdict | null {
  const [verdict] = event.verdicts;
  return verdict
    ? { ...verdict, signal: { ...verdict.signal, why: { ...verdict.signal.why, events: [event.id] } } }
    : null;
}

/**
 * Opened or joined, the event is accounted for (G2): from here on the incident itself is what cannot be lost. `handedOver`
 * is on its way when this answers; whoever calls awaits it beside the freeze.
 */
async function open(ports: ContainPorts, event: StoredEvent, { signal, decidedBy }: Verdict) {
  const runbook = runbookFor(signal.kind);
  const { answer, incidentId } = await ports.incidents.open({
    signal,
    decidedBy,
    receivedAt: event.receivedAt,
    runbook: runbook.name,
    priority: runbook.priority,
  });
  const handedOver = Promise.all([
    ports.inbox.dispose(event.id, answer === "opened" ? "acted" : "joined", `${incidentId} ${signal.kind}`),
    ports.dispatch.add("contain", incidentId, `contain-${incidentId}-${signal.id}`, { incidentId }),
    ports.dispatch.add("forensics", incidentId, `evidence-${incidentId}`, { incidentId, part: "at-containment" }),
    ...pagesUnless.map(({ what, delayMs }) => {
      const data = { agentId: signal.agentId, incidentId, signalId: null, kind: "page", what } as const;
      return ports.dispatch.add("notification", incidentId, `page-${incidentId}-${what}`, data, { delayMs });
    }),
  ]);
  ports.log.info(
    {
      incidentId,
      agentId: signal.agentId,
      eventId: event.id,
      signal: signal.kind,
      severity: signal.severity,
      decidedBy,
      answer,
    },
    "incident.open",
  );
  return { answer, incidentId, handedOver };
}

async function freezeNow(
  ports: ContainPorts,
  incidentId: string,
  { signal }: Verdict,
  abort: AbortSignal,
): Promise<void> {
  const incident = await ports.incidents.load(incidentId);
  if (!incident || isOver(incident.status) || incident.standDown) return;
  const urgent = runbookNamed(incident.runbook).steps.filter((step) => step.urgent);
  const [{ failed }] = await Promise.all([
    runSteps({ ports, incident, signals: [signal], abort }, urgent),
    ports.incidents.setStatus(incidentId, "containing", "contain", {}),
  ]);
  if (failed.includes("freeze-budget"))
    throw new TourniquetError("containment-incomplete", `${incident.agentId} is not frozen yet`, {
      incidentId,
      failed,
    });
}

/** A window is filling: learn the caps now, so that a freeze later is one round trip (C1). Failing costs only that round trip. */
async function seeCaps(ports: ContainPorts, agentId: string, abort: AbortSignal): Promise<{ answer: FreezeAnswer }> {
  const budget = await ports.gateway.readBudget(agentId, { deadlineMs: ports.limits.deadlineMs, signal: abort });
  // The real gateway takes a threshold and never shows it: what the fleet's settings say is what is to come back.
  const alertThreshold = budget.alertThreshold ?? ports.fleetAgent(agentId)?.caps?.alertThreshold;
  await ports.caps.see(agentId, { ...budget, alertThreshold });
  return { answer: "caps-seen" };
}
