import { type AtRisk, atRiskOfAll } from "./at-risk.ts";
import type { Cascade, CascadeMember, CascadeSignal } from "./cascade.ts";
import { type CascadeEdge, edgesOf } from "./cascade-links.ts";
import { sumDollars } from "./dollars.ts";
import { type Dollars, type IncidentView, isOver, type Status } from "./incident.ts";
import type { Incidents } from "./ports.ts";
import { type RecoveryState, recoveryStateOf } from "./recovery-state.ts";
import { type RootCause, rootCauseOf } from "./root-cause.ts";
import type { Verdicts } from "./verdict.ts";

/** A cascade as people see it: who, why together, where it began, how much. Times are Redis time in milliseconds. */
export interface CascadeView {
  id: string;
  status: "open" | "closed";
  openedAt: number;
  /** When the first signal behind it happened. */
  since: number;
  closedAt: number | null;
  rootCause: RootCause;
  members: readonly (Pick<CascadeMember, "agentId" | "standing"> & {
    incidentId: string | null;
    /** The incident's, null where there is none yet. */
    status: Status | null;
    /** Who has taken its incident on. */
    acknowledgedBy: string | null;
    recovery: RecoveryState | null;
    signals: readonly (Pick<CascadeSignal, "kind" | "severity" | "at" | "z" | "outflow"> & { id: string })[];
  })[];
  edges: readonly CascadeEdge[];
  dollars: Dollars & AtRisk;
}

export interface CascadeViewPorts {
  incidents: Pick<Incidents, "view">;
  verdicts: Pick<Verdicts, "load">;
}

export async function viewCascade(ports: CascadeViewPorts, cascade: Cascade): Promise<CascadeView> {
  const agentIds = [...new Set(cascade.signals.map(({ agentId }) => agentId))];
  const found = await Promise.all(
    agentIds.map(async (agentId) => {
      const member = cascade.members.find((one) => one.agentId === agentId);
      return { agentId, standing: member?.standing ?? "freezing", incident: await incidentOf(ports, member) } as const;
    }),
  );
  const incidents = found.map(({ incident }) => incident).filter((incident) => incident !== null);
  const closedAt = cascade.closedAt ?? overSince(found);
  return {
    id: cascade.id,
    status: closedAt === null ? "open" : "closed",
    openedAt: cascade.openedAt,
    since: Math.min(...cascade.signals.map(({ at }) => at)),
    closedAt,
    rootCause: rootCauseOf(cascade.signals),
    members: found.map(({ agentId, standing, incident }) => ({
      agentId,
      standing,
      incidentId: incident?.id ?? null,
      status: incident?.status ?? null,
      acknowledgedBy: incident?.acknowledged?.by ?? null,
      recovery: incident && recoveryStateOf(incident),
      signals: cascade.signals
        .filter((signal) => signal.agentId === agentId)
        .map(({ signalId, kind, severity, at, z, outflow }) => ({ id: signalId, kind, severity, at, z, outflow })),
    })),
    edges: edgesOf(cascade.signals, cascade.windowMs),
    dollars: { ...sumDollars(incidents.flatMap(({ escrows }) => escrows)), ...atRiskOfAll(incidents) },
  };
}

/** The incident of its root cause, once there is one. */
export function rootIncidentOf(view: CascadeView): string | null {
  return view.members.find(({ agentId }) => agentId === view.rootCause.agentId)?.incidentId ?? null;
}

async function incidentOf(
  { incidents, verdicts }: CascadeViewPorts,
  member: CascadeMember | undefined,
): Promise<IncidentView | null> {
  if (!member?.signalId) return null;
  const incidentId = (await verdicts.load(member.agentId, member.signalId))?.incidentId ?? null;
  return incidentId === null ? null : incidents.view(incidentId);
}

/** It ends with the last of its incidents; who waits for a person's word, or was dealt with before, keeps nothing open. */
function overSince(
  found: readonly { standing: CascadeMember["standing"]; incident: IncidentView | null }[],
): number | null {
  const counted = found.filter(({ standing }) => standing === "freezing").map(({ incident }) => incident);
  if (counted.length === 0 || counted.some((incident) => incident === null || !isOver(incident.status))) return null;
  return Math.max(...counted.map((incident) => incident?.closedAt ?? 0));
}
