import { TourniquetError } from "../errors.ts";
import type { Cascades } from "../incident/cascade.ts";
import type { Channel, Escalations, LevelRef } from "../incident/escalation.ts";
import type { Incident } from "../incident/incident.ts";
import type { Dispatch, JobData } from "../incident/jobs.ts";
import type { Clock, Incidents, Log } from "../incident/ports.ts";
import { addLevelSend } from "./hand-on.ts";

export interface EscalatePorts {
  escalations: Escalations;
  incidents: Pick<Incidents, "load" | "signals">;
  cascades: Pick<Cascades, "load">;
  dispatch: Dispatch;
  clock: Pick<Clock, "now">;
  log: Log;
  /** Channels that are configured; a level names others too. */
  reachable: readonly Channel[];
}

export type EscalateAnswer = "told" | "reaches-nobody" | "told-with-its-group" | "not-needed";

type EscalateJob = Extract<JobData["notification"], { kind: "escalate" }>;

/** So many levels in one round of a ticker; the rest a second later. */
export const MOST_AT_ONCE = 200;

/**
 * Adds a job for each level whose time has come, under a fixed id. Nothing is counted here: until the job has counted its
 * level it stays due, so whatever dies in between is found again at the next tick.
 */
export async function wakeEscalations(
  ports: Pick<EscalatePorts, "escalations" | "dispatch">,
  partition: number,
): Promise<number> {
  const due = await ports.escalations.due(partition, 0, MOST_AT_ONCE);
  for (const { agentId, ...level } of due) await addEscalateJob(ports, "escalate", agentId, level);
  return due.length;
}

/** first: "escalate" for the ticker. The auditor comes with a word of its own, since the ticker's job may be the one that is stuck. */
export function addEscalateJob(
  { dispatch }: Pick<EscalatePorts, "dispatch">,
  first: "escalate" | "audited",
  agentId: string,
  { incidentId, priority, level }: LevelRef,
): Promise<void> {
  const about = { agentId, incidentId, signalId: null, what: "escalated" } as const;
  const jobId = `${first}-${incidentId}-${priority}-${level}`;
  return dispatch.add("notification", incidentId, jobId, { ...about, kind: "escalate", priority, level });
}

/**
 * Nobody acknowledged in time: tells the channels of this level too (N2). Decided and counted in one act just before; what is
 * counted is told even if this process dies here, because the job is tried again and each channel's has a fixed id. Somebody
 * who acknowledges after it was counted can still be overtaken by that one message, never by another level.
 */
export async function escalate(ports: EscalatePorts, job: EscalateJob): Promise<{ answer: EscalateAnswer }> {
  const { priority, level } = job;
  const incident = job.incidentId === null ? null : await ports.incidents.load(job.incidentId);
  const said = incident?.escalation?.policy[priority]?.[level];
  if (!incident || !said) return { answer: "not-needed" };
  const ref = { incidentId: incident.id, priority, level };
  const group = await groupOf(ports, incident);
  const teller = group === null ? incident.id : await tellerOf(ports, group, ref, incident.escalation?.since ?? 0);
  const isTold = teller === incident.id;
  const to = isTold ? said.to.filter((channel) => ports.reachable.includes(channel)) : [];
  const missing = isTold ? said.to.filter((channel) => !ports.reachable.includes(channel)) : [];
  const detail = { level, priority, to, ...(missing.length > 0 && { notConfigured: missing }) };
  const counted = await ports.escalations.tell(ref, to, isTold ? detail : { level, priority, toldWith: teller });
  // Redis's clock went back since the ticker looked: the queue tries again.
  if (counted === "early") throw new TourniquetError("step-failed", `level ${level} of ${incident.id} is not due yet`);
  if (counted !== "told" && counted !== "told-before") {
    if (group === null || !isTold) return { answer: "not-needed" };
    await ports.escalations.releaseFor(group, ref);
    // Counted by a worker that died before it told anybody: others count on its messages, which find out whom to go to.
    const covered = counted === "in-hand" ? await ports.escalations.leave(ref) : [];
    if (covered.length > 0) await addSends(ports, incident, ref, to);
    return { answer: "not-needed" };
  }
  if (!isTold) return { answer: "told-with-its-group" };
  return tell(ports, incident, ref, to, counted === "told");
}

/**
 * Who tells this level for the group. Nobody counts on another before that one has counted its own level: until then somebody may
 * take it on, and then it tells nobody. Throws step-failed while that is open, so that the queue asks again.
 */
async function tellerOf(
  { escalations }: Pick<EscalatePorts, "escalations">,
  group: string,
  ref: LevelRef,
  since: number,
  insteadOf?: string,
): Promise<string> {
  const teller = await escalations.claimFor(group, ref, since, insteadOf);
  if (teller === ref.incidentId) return teller;
  const answer = await escalations.cover({ ...ref, incidentId: teller }, [ref.incidentId], "counted");
  if (answer === "covered") return teller;
  if (answer === "released") return tellerOf({ escalations }, group, ref, since, teller);
  throw new TourniquetError("step-failed", `${ref.incidentId} waits for what ${teller} tells of its group`);
}

async function tell(
  ports: EscalatePorts,
  incident: Incident,
  { priority, level }: LevelRef,
  to: readonly Channel[],
  isFirst: boolean,
): Promise<{ answer: EscalateAnswer }> {
  const { id: incidentId, agentId } = incident;
  if (to.length === 0 && isFirst)
    ports.log.error({ incidentId, agentId, priority, level, to }, "escalation.reaches-nobody");
  await addSends(ports, incident, { incidentId, priority, level }, to);
  return { answer: to.length === 0 ? "reaches-nobody" : "told" };
}

async function addSends(
  { dispatch, clock }: EscalatePorts,
  { agentId }: Incident,
  ref: LevelRef,
  to: readonly Channel[],
): Promise<void> {
  const at = await clock.now();
  for (const channel of ["log", ...to] as const) {
    const others = to.filter((other) => other !== channel);
    await addLevelSend({ dispatch }, agentId, ref, { channel, at, others });
  }
}

/**
 * What escalates as one: a cascade, or a shutdown of the whole fleet. Forty incidents of one trouble wake people once; one
 * that joined after they were told waits, and is told, by itself. Null: the incident stands alone.
 */
async function groupOf({ cascades, incidents }: EscalatePorts, incident: Incident): Promise<string | null> {
  const { cascadeId } = incident;
  // One that was merged into another goes by its name.
  if (cascadeId !== null) return (await cascades.load(cascadeId))?.id ?? cascadeId;
  if (!incident.runbooks.every((runbook) => runbook === "fleet-shutdown")) return null;
  const [ordered] = await incidents.signals(incident.id);
  const shutdown = ordered?.why.observed.shutdown;
  return typeof shutdown === "string" ? shutdown : null;
}
