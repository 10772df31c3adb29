import type { Cascade, Cascades } from "../incident/cascade.ts";
import { edgesOf } from "../incident/cascade-links.ts";
import type { CascadeView } from "../incident/cascade-view.ts";
import { type Incident, isOver } from "../incident/incident.ts";
import type { Incidents } from "../incident/ports.ts";
import { rootCauseOf } from "../incident/root-cause.ts";
import type { Verdicts } from "../incident/verdict.ts";

/** One agent's place in the order in which a cascade recovers (R4). */
export interface Place {
  agentId: string;
  /** Whose first rung stands before its own is taken: the root cause, and those of the cascade whom it pays. */
  after: readonly string[];
}

type Links = Pick<CascadeView, "rootCause" | "edges"> & {
  members: readonly { agentId: string; signals: readonly { at: number }[] }[];
};

/**
 * All agents of a cascade in the order in which they recover: the root cause, then along dependencies, then by the time of the
 * first signal. Dependencies are payments: who pays is back after the one that is paid, or it would pay somebody who is not
 * mended. What agents merely share, or the time, says that they belong together, and not that one needs the other. A circle is
 * opened at the root cause, else at the one that signalled first. Every place waits for earlier places only.
 */
export function recoveryOrder(links: Links): readonly Place[] {
  const root = links.rootCause.agentId;
  const needs = neededBy(links);
  const waiting = byTime(links.members).filter((agentId) => agentId !== root);
  const places: Place[] = [{ agentId: root, after: [] }];
  const placed = new Set([root]);
  while (waiting.length > 0) {
    const open = (agentId: string) => [...needs.get(agentId)!].filter((one) => !placed.has(one));
    const next = waiting.find((agentId) => open(agentId).length === 0) ?? firstOfACircle(waiting, open);
    const after = [root, ...[...needs.get(next)!].filter((one) => one !== root && placed.has(one))];
    places.push({ agentId: next, after });
    placed.add(next);
    waiting.splice(waiting.indexOf(next), 1);
  }
  return places;
}

/** Each agent -> those of the cascade that it pays. */
function neededBy({ members, edges }: Links): ReadonlyMap<string, ReadonlySet<string>> {
  const needs = new Map(members.map(({ agentId }) => [agentId, new Set<string>()]));
  for (const { from, to, payer } of edges) {
    const payee = payer === from ? to : from;
    if (payer !== undefined && payer !== payee && needs.has(payee)) needs.get(payer)?.add(payee);
  }
  return needs;
}

function byTime(members: Links["members"]): string[] {
  const firstAt = new Map(members.map(({ agentId, signals }) => [agentId, Math.min(...signals.map(({ at }) => at))]));
  return [...firstAt.keys()].sort((a, b) => firstAt.get(a)! - firstAt.get(b)! || (a < b ? -1 : 1));
}

/** The first that is in a circle itself, and not merely behind one; `waiting` is never empty, and all of them need another. */
function firstOfACircle(waiting: readonly string[], open: (agentId: string) => readonly string[]): string {
  const reach = (agentId: string): Set<string> => {
    const reached = new Set<string>();
    const stack = [...open(agentId)];
    for (let one = stack.pop(); one !== undefined; one = stack.pop()) {
      if (reached.has(one)) continue;
      reached.add(one);
      stack.push(...open(one));
    }
    return reached;
  };
  const reaches = new Map(waiting.map((agentId) => [agentId, reach(agentId)]));
  return waiting.find((agentId) => [...reaches.get(agentId)!].every((one) => reaches.get(one)?.has(agentId)))!;
}

export interface WaitingForPorts {
  incidents: Pick<Incidents, "load">;
  verdicts: Pick<Verdicts, "load">;
  cascades: Pick<Cascades, "load">;
}

/**
 * The incidents whose first rung must stand, or that must be over, before this one may begin (R4); empty for one that is part
 * of no cascade. Who was never contained or only observed holds up nobody, nor does an incident that by now belongs to another
 * cascade: so two of them never wait for each other. One that new trouble superseded stands for that: its agent is not mended.
 * Of the cascade only those are read that this one may wait for: it is asked at every look of every member.
 */
export async function waitingFor(
  ports: WaitingForPorts,
  { agentId, cascadeId }: Pick<Incident, "agentId" | "cascadeId">,
): Promise<readonly string[]> {
  const cascade = cascadeId === null ? null : await ports.cascades.load(cascadeId);
  if (!cascade) return [];
  const after = recoveryOrder(linksOf(cascade)).find((place) => place.agentId === agentId)?.after ?? [];
  const found = await Promise.all(after.map((one) => standingIncident(ports, cascade, one)));
  return found.flatMap((incident) => (incident && !isBack(incident) ? [incident.id] : []));
}

function linksOf({ signals, windowMs }: Cascade): Links {
  const byAgent = Map.groupBy(signals, ({ agentId }) => agentId);
  return {
    rootCause: rootCauseOf(signals),
    edges: edgesOf(signals, windowMs),
    members: [...byAgent].map(([agentId, own]) => ({ agentId, signals: own })),
  };
}

/** The incident by which a member is in trouble for the sake of this cascade. */
async function standingIncident(
  { incidents, verdicts, cascades }: WaitingForPorts,
  { id, members }: Cascade,
  agentId: string,
): Promise<Incident | null> {
  const signalId = members.find((one) => one.agentId === agentId)?.signalId;
  const incidentId = signalId ? (await verdicts.load(agentId, signalId))?.incidentId : null;
  let incident = incidentId ? await incidents.load(incidentId) : null;
  while (incident?.supersededBy) incident = await incidents.load(incident.supersededBy);
  if (!incident?.cascadeId || incident.cascadeId === id) return incident;
  // Of two cascades that became one both names are known.
  const belongsTo = (await cascades.load(incident.cascadeId))?.id;
  return belongsTo === undefined || belongsTo === id ? incident : null;
}

/** Nothing was done to it, it is over, or the first of its caps stand again. */
function isBack({ dryRun, status, recovery }: Incident): boolean {
  return dryRun || isOver(status) || (recovery !== null && recovery.rung !== null);
}
