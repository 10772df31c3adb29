import type { CascadeSignal, Cascades, NearSignal } from "../incident/cascade.ts";
import { countsForCascade } from "../incident/cascade.ts";
import { ACT_MS } from "../incident/deadline.ts";
import type { Fleet } from "../incident/fleet.ts";
import { isOver } from "../incident/incident.ts";
import type { Dispatch } from "../incident/jobs.ts";
import type { Incidents, Log } from "../incident/ports.ts";
import type { KeptVerdict, Verdicts } from "../incident/verdict.ts";
import { automaticFreezeLimit } from "../settings/automatic-freezes.ts";
import type { Settings } from "../settings/settings.ts";
import { handOver } from "./cascade/hand-over.ts";
import { cascadeSignal } from "./cascade/signal.ts";
import { callsForContainment } from "./policy.ts";

export interface CascadePorts {
  cascades: Cascades;
  fleet: Fleet;
  verdicts: Verdicts;
  incidents: Pick<Incidents, "load">;
  dispatch: Dispatch;
  settings: Settings;
  log: Log;
}

export type CascadeAnswer =
  | "no-verdict"
  | "not-counted"
  /** Its incident, or the cascade it was in, is over: a repeated job (G14). */
  | "over"
  /** A warning of long ago: a person was told, and nobody is frozen by it. */
  | "late"
  | "alone"
  | "opened"
  | "joined"
  | "known";

/**
 * RB5: a verdict that was kept joins the fleet-wide window, and with those it has something in common the cascade. All of its
 * agents that nobody contained as such yet are handed over at once. Any number of workers may do this at a time and in any
 * order: the members, and the root cause that is told from them, are the same.
 */
export async function joinCascade(
  ports: CascadePorts,
  { agentId, signalId }: { agentId: string; signalId: string },
): Promise<{ answer: CascadeAnswer; cascadeId?: string }> {
  const verdict = await ports.verdicts.load(agentId, signalId);
  if (!verdict) return { answer: "no-verdict" };
  if (!countsForCascade(verdict)) return { answer: "not-counted" };
  if (isLate(verdict)) return { answer: "late" };
  if (await incidentIsOver(ports, verdict)) return { answer: "over" };
  await countFreeze(ports, verdict);

  const signal = await cascadeSignal(ports, verdict.signal);
  await clearAround(ports, signal);
  const { standing, cascadeId, opened, pending } = await ports.cascades.join(signal, ports.settings.cascade);
  if (standing === "over") return { answer: "over" };
  if (cascadeId === null) return { answer: "alone" };
  const due = (await mayNowBeFrozen(ports, verdict, cascadeId)) ? [...new Set([...pending, agentId])] : pending;
  const answer = opened ? "opened" : due.length > 0 ? "joined" : "known";
  if (due.length > 0) await handOver(ports, cascadeId, due);
  ports.log.info({ cascadeId, agentId, signalId, answer, handedOver: due.length }, "cascade.claim");
  return { answer, cascadeId };
}

/**
 * guarantees.md section 8: what is older than 10 min is acted on only where the gateway still shows it. Containment asked for
 * what it contains; a warning nobody asked about.
 */
function isLate({ tier, signal, keptAt }: KeptVerdict): boolean {
  return !isContained(tier) && keptAt - signal.occurredAt > ACT_MS;
}

const isContained = (tier: KeptVerdict["tier"]): boolean => tier !== null && callsForContainment({ tier, reason: "" });

/** It waited for a person's word, being in it by association; now a signal of its own contains it. */
async function mayNowBeFrozen({ cascades }: CascadePorts, verdict: KeptVerdict, cascadeId: string): Promise<boolean> {
  if (!isContained(verdict.tier)) return false;
  const members = (await cascades.load(cascadeId))?.members ?? [];
  return members.some(({ agentId, standing }) => agentId === verdict.signal.agentId && standing === "waiting");
}

/** Whom it would be joined with and whose trouble is over is taken out of the window first; behind it others may stand. */
async function clearAround(ports: CascadePorts, signal: CascadeSignal): Promise<void> {
  for (let changed = true; changed; ) {
    const { cascadeId, near } = await ports.cascades.look(signal, ports.settings.cascade.windowMs);
    const cascadeIds = new Set([cascadeId, ...near.map((other) => other.cascadeId)].filter((id) => id !== null));
    changed = false;
    for (const id of cascadeIds) changed = (await closeIfOver(ports, id)) || changed;
    for (const other of near) if (other.cascadeId === null) changed = (await forgetIfOver(ports, other)) || changed;
  }
}

async function forgetIfOver(ports: CascadePorts, { agentId, signalId }: NearSignal): Promise<boolean> {
  const verdict = await ports.verdicts.load(agentId, signalId);
  if (verdict && !(await incidentIsOver(ports, verdict)) && (await isStillHeld(ports, verdict))) return false;
  await ports.cascades.forget(signalId);
  return true;
}

/** A stand-down of the agent forgets what was held against it before, a lone warning that no incident answered too. */
async function isStillHeld({ verdicts }: CascadePorts, { signal }: KeptVerdict): Promise<boolean> {
  const held = await verdicts.between(signal.agentId, signal.occurredAt, signal.occurredAt);
  return held.some((verdict) => verdict.signal.id === signal.id);
}

/** A cascade is open while the incident of one of its members is; who waits for a person's word keeps nothing open. */
async function closeIfOver(ports: CascadePorts, cascadeId: string): Promise<boolean> {
  const cascade = await ports.cascades.load(cascadeId);
  // An agent that is in it and not handed over yet is on its way to an incident.
  const handedOver = new Set(cascade?.members.map(({ agentId }) => agentId));
  if (!cascade || cascade.signals.some(({ agentId }) => !handedOver.has(agentId))) return false;
  for (const { agentId, signalId, standing } of cascade.members) {
    if (standing !== "freezing") continue;
    const verdict = await ports.verdicts.load(agentId, signalId);
    if (verdict && !(await incidentIsOver(ports, verdict))) return false;
  }
  await ports.cascades.close(cascadeId);
  return true;
}

async function incidentIsOver({ incidents }: CascadePorts, { incidentId }: KeptVerdict): Promise<boolean> {
  const incident = incidentId === null ? null : await incidents.load(incidentId);
  return incident !== null && (isOver(incident.status) || incident.standDown !== null);
}

/** P4: a freeze for the agent's own critical signal is never refused, but what it uses up is not there for others. */
async function countFreeze({ fleet, settings }: CascadePorts, { signal, tier }: KeptVerdict): Promise<void> {
  if (settings.mode === "observe" || signal.severity !== "critical" || !isContained(tier)) return;
  await fleet.reserve([signal.agentId], { limit: automaticFreezeLimit(settings.fleet), unlimited: true });
}
