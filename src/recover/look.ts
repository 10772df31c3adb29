import type { Incident } from "../incident/incident.ts";
import type { KeptRecovery } from "../incident/recovery.ts";
import { advance, followUp } from "./advance.ts";
import { driftOf } from "./drift.ts";
import { resolve, supersede } from "./end.ts";
import { driftMeanwhile, tryRung } from "./failing.ts";
import type { RecoverPorts } from "./ports.ts";
import { timesFrom } from "./ramp.ts";
import { relapse, type Trouble, troubleSince } from "./relapse.ts";

export type LookAnswer =
  /** Nothing to do yet. */
  | "standing"
  | "rung-taken"
  | "stepped-back"
  | "contained-anew"
  /** It would be contained anew, and observe-only mode leaves it as it is. */
  | "left-free"
  /** The caps were lowered by somebody else: nothing is raised until they are back. */
  | "stopped"
  | "going-on"
  | "resolved"
  | "superseded"
  /** Somebody changed it meanwhile; whoever did goes on with it. */
  | "changed";

/** isFree: what was asked of the agent's platform is to be given back (C7), since a rung stands and nothing is wrong. */
export interface Looked {
  answer: LookAnswer;
  isFree: boolean;
}

/**
 * One look at a recovery, the tight watching of R2: is it still ours, did anything happen since the last rung, do the caps stand,
 * is the next rung due, is it over. The next look is booked first: whatever becomes of this one, somebody comes again.
 */
export async function look(
  ports: RecoverPorts,
  incident: Incident,
  found: KeptRecovery,
  abort: AbortSignal,
): Promise<Looked> {
  const now = await ports.clock.now();
  const recovery = await followUp(ports, incident, found);
  if (!recovery) return { answer: "changed", isFree: false };
  await bookNextLook(ports, incident, recovery, now);
  if (!(await ports.caps.mayRaise(incident.agentId, recovery.epoch!, { forget: false })))
    return { ...(await supersede(ports, incident, recovery, abort)), isFree: false };
  const trouble = await troubleSince(ports, incident, recovery);
  if (trouble) return stepBack(ports, incident, recovery, trouble, abort);
  if (recovery.pending !== null) return goOnWriting(ports, incident, recovery, abort);
  const drift = await driftOf(ports, incident, recovery, recovery.rung, abort);
  if (drift.caps === "above") return stepBack(ports, incident, recovery, drift.trouble, abort);
  if (drift.caps === "below") return stop(ports, incident, recovery, drift.found, now, abort);
  if (recovery.stopped === "caps-lowered") return resume(ports, incident, recovery, now);
  return climb(ports, incident, recovery, now, abort);
}

async function stepBack(
  ports: RecoverPorts,
  incident: Incident,
  recovery: KeptRecovery,
  trouble: Trouble,
  abort: AbortSignal,
): Promise<Looked> {
  const stands = await relapse(ports, incident, recovery, trouble);
  if (!stands) return { answer: "changed", isFree: false };
  if (stands.pending === null)
    return { answer: stands.containAnew === null ? "contained-anew" : "left-free", isFree: false };
  return tryRung(ports, incident, stands, abort);
}

async function goOnWriting(
  ports: RecoverPorts,
  incident: Incident,
  recovery: KeptRecovery,
  abort: AbortSignal,
): Promise<Looked> {
  const drift = recovery.failing === null ? null : await driftMeanwhile(ports, incident, recovery, abort);
  if (drift?.caps === "above") return stepBack(ports, incident, recovery, drift.trouble, abort);
  return tryRung(ports, incident, recovery, abort);
}

/** Beside it the agent is polled as often (detect/watch/schedule.ts), whatever its value says on other days. */
async function bookNextLook(
  { incidents }: Pick<RecoverPorts, "incidents">,
  { id }: Incident,
  { dueAt, normalAt, lookEveryMs }: KeptRecovery,
  now: number,
): Promise<void> {
  const nextAt = Math.min(now + lookEveryMs, ...[dueAt, normalAt].filter((at) => at !== null && at > now).map(Number));
  await incidents.attend(id, nextAt - now);
}

/** Whoever lowered them knows why. On the last rung nothing is left to raise: it is noted, and the incident ends in its time. */
async function stop(
  ports: RecoverPorts,
  incident: Incident,
  recovery: KeptRecovery,
  found: Record<string, unknown>,
  now: number,
  abort: AbortSignal,
): Promise<Looked> {
  const isLast = recovery.rung === recovery.rungs.length - 1;
  if (recovery.stopped === null) {
    const jobId = `page-${incident.id}-recovery-stopped-${recovery.change}`;
    const page = isLast ? null : ({ jobId, what: "recovery-stopped" } as const);
    const entry = { what: "recovery-stopped", detail: { found } };
    await advance(ports, incident, recovery, { stopped: "caps-lowered", dueAt: null, page }, entry);
    return { answer: "stopped", isFree: true };
  }
  return isLast ? climb(ports, incident, recovery, now, abort) : { answer: "stopped", isFree: true };
}

/** The caps are the rung's again: the next one is due after the same gap as ever. */
async function resume(ports: RecoverPorts, incident: Incident, recovery: KeptRecovery, now: number): Promise<Looked> {
  const change = { stopped: null, ...timesFrom(recovery, recovery.rung!, now) };
  await advance(ports, incident, recovery, change, { what: "recovery-goes-on", detail: {} });
  return { answer: "going-on", isFree: true };
}

async function climb(
  ports: RecoverPorts,
  incident: Incident,
  recovery: KeptRecovery,
  now: number,
  abort: AbortSignal,
): Promise<Looked> {
  const { rung, dueAt, normalAt, stopped } = recovery;
  if (stopped === "relapsed" || rung === null) return { answer: "standing", isFree: false };
  if (normalAt !== null && now >= normalAt && rung === recovery.rungs.length - 1)
    return { ...(await resolve(ports, incident, recovery, abort)), isFree: true };
  if (dueAt === null || now < dueAt) return { answer: "standing", isFree: true };
  const { percent } = recovery.rungs[rung + 1]!;
  const entry = { what: "rung-due", detail: { percent } };
  const taking = await advance(ports, incident, recovery, { pending: rung + 1 }, entry, UNLESS_WARNED);
  return taking ? tryRung(ports, incident, taking, abort) : { answer: "changed", isFree: false };
}

/** A warning that came while the gateway was read keeps this from being done, and the next look answers it. */
const UNLESS_WARNED = { unlessWarned: true };
