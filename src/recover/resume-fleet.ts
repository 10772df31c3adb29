import { describeError, TourniquetError } from "../errors.ts";
import { type Fleet, tellAnswered } from "../incident/fleet.ts";
import { type Incident, isOver } from "../incident/incident.ts";
import { becauseResumed } from "../incident/ordered.ts";
import type { Incidents, Log } from "../incident/ports.ts";
import { recoveryStateOf } from "../incident/recovery-state.ts";
import type { Verdicts } from "../incident/verdict.ts";
import { whoAndWhy } from "../incident/who-and-why.ts";
import { type AskStandDownPorts, askStandDown } from "./ask-stand-down.ts";

export interface ResumeFleetPorts extends AskStandDownPorts {
  incidents: AskStandDownPorts["incidents"] & Pick<Incidents, "signals">;
  verdicts: Pick<Verdicts, "load">;
  fleet: Fleet;
  log: Log;
}

export interface Resumed {
  /** Frozen by the shutdown, and being stood down. */
  released: string[];
  /** Nothing to release: its freeze had not come to it, waited for a person's word or was declined; or it is over already. */
  untouched: string[];
  /** Left as they are, and why. */
  left: { agentId: string; why: string }[];
}

/**
 * Takes a fleet shutdown back: stands down exactly the incidents that it alone opened. An agent with trouble of its own stays
 * frozen, and so does one whose recovery it ended: to stand that down would give back all of its caps at once. The shutdown
 * stays in force while one of its agents could not be released. Throws conflict where none is in force.
 */
export async function resumeFleet(ports: ResumeFleetPorts, said: { by: string; reason: string }): Promise<Resumed> {
  const { by, reason } = whoAndWhy({ by: said.by, reason: said.reason });
  const shutdown = await ports.fleet.shutdown();
  if (!shutdown) throw new TourniquetError("conflict", "No fleet shutdown is in force.");
  await dropQuestion(ports, `freezes-${shutdown.id}`, by);
  const ends = await Promise.all(
    [...shutdown.agents].map(async ([agentId, signalId]) => ({
      agentId,
      end: await release(ports, agentId, signalId, { by, reason: becauseResumed(reason).slice(0, 2_000) }),
    })),
  );
  const failed = ends.filter(({ end }) => end.kind === "failed");
  if (failed.length === 0) await ports.fleet.endShutdown(shutdown);
  const those = (kind: End["kind"]) => ends.filter(({ end }) => end.kind === kind).map(({ agentId }) => agentId);
  const resumed = {
    released: those("released"),
    untouched: those("untouched"),
    left: ends.flatMap(({ agentId, end }) => ("why" in end ? [{ agentId, why: end.why }] : [])),
  };
  const { released, untouched, left } = resumed;
  const counts = {
    released: released.length,
    untouched: untouched.length,
    left: left.length,
    failed: failed.length,
  };
  ports.log.warn({ by, reason, shutdown: shutdown.id, ...counts }, "fleet.resumed");
  return resumed;
}

type End = { kind: "released" | "untouched" } | { kind: "left" | "failed"; why: string };

async function release(
  ports: ResumeFleetPorts,
  agentId: string,
  signalId: string,
  who: { by: string; reason: string },
): Promise<End> {
  // Its freeze may still be in a queue: withdrawn it finds nothing to do.
  if (await ports.fleet.withdraw(agentId, signalId)) return { kind: "untouched" };
  const incidentId = (await ports.verdicts.load(agentId, signalId))?.incidentId ?? null;
  const incident = incidentId === null ? null : await ports.incidents.load(incidentId);
  if (!incident || isOver(incident.status)) return { kind: "untouched" };
  const signals = await ports.incidents.signals(incident.id);
  const others = new Set(signals.map(({ kind }) => kind).filter((kind) => kind !== "fleet-shutdown"));
  if (others.size > 0) return { kind: "left", why: `${incident.id} has trouble of its own: ${[...others].join(", ")}` };
  const recovered = await recoveredBefore(ports, incident);
  if (recovered !== null) return { kind: "left", why: recovered };
  try {
    await askStandDown(ports, { incidentId: incident.id, ...who, joined: signals.length });
    return { kind: "released" };
  } catch (error) {
    if (error instanceof TourniquetError && error.code === "conflict")
      return { kind: "failed", why: describeError(error).message };
    throw error;
  }
}

/** Null where the shutdown took the place of no recovery. */
async function recoveredBefore(
  { incidents }: ResumeFleetPorts,
  { id, supersedes }: Pick<Incident, "id" | "supersedes">,
): Promise<string | null> {
  const before = supersedes === null ? null : await incidents.load(supersedes);
  if (!before) return null;
  const { percent } = recoveryStateOf(before);
  const stood = percent === null ? "its first rung was being taken" : `${percent} %`;
  return `was being recovered from ${before.id} (${stood}): recover ${id} anew, or stand it down`;
}

/** Resumed, nobody need say any more whether to freeze those that waited. */
async function dropQuestion({ fleet, dispatch }: ResumeFleetPorts, approvalId: string, by: string): Promise<void> {
  const question = (await fleet.approvals()).find(({ id }) => id === approvalId);
  if (!question) return;
  const agents = question.verdicts.map(({ signal }) => signal.agentId);
  await fleet.settle(approvalId, agents);
  await tellAnswered(dispatch, question, "no", by);
}
