import type { Approval, Fleet } from "../incident/fleet.ts";
import type { IncidentView } from "../incident/incident.ts";
import type { Incidents } from "../incident/ports.ts";
import { recoveryStateOf } from "../incident/recovery-state.ts";
import type { IncidentSummary } from "../incident/summary.ts";
import { automaticFreezeLimit } from "../settings/automatic-freezes.ts";
import type { Settings } from "../settings/settings.ts";
import { outOfReach } from "./fleet.ts";
import { type Held, heldBy } from "./held.ts";
import type { KnownAgentsPorts } from "./known-agents.ts";

export interface FleetStatusPorts extends KnownAgentsPorts {
  fleet: Fleet;
  incidents: Pick<Incidents, "allOpen" | "receipts" | "agents">;
  settings: Pick<Settings, "fleet" | "mode">;
}

/** The fleet at one look (P4), times as ISO 8601 text. */
export interface FleetStatus {
  mode: Settings["mode"];
  agents: readonly FleetAgentStatus[];
  shutdown: {
    id: string;
    by: string;
    reason: string;
    at: string;
    agents: number;
    /** Known agents that it does not hold, and that no incident of their own may hold either. */
    notReached: readonly string[];
  } | null;
  /** What waits for a person's word, oldest first. */
  approvals: readonly {
    id: string;
    kind: Approval["kind"];
    what: string;
    askedAt: string;
    agents: readonly string[];
  }[];
  /** Of the last hour, and how many automation may freeze in one without a critical signal of their own. */
  automaticFreezes: { lastHour: number; limit: number };
}

export interface FleetAgentStatus {
  agentId: string;
  wallet: string | null;
  /** What the incident beside it is known to have done, the strictest; null: nothing yet, or nothing that holds the agent back. */
  held: Held | null;
  isFrozen: boolean;
  /** The open one that holds the agent, else the one that it recovers from. */
  incident: Pick<IncidentView, "id" | "status" | "priority" | "runbook" | "cascadeId"> | null;
  /** How much of its caps it has back (R2); null: it is not recovering. */
  recoveringPercent: number | null;
}

export async function fleetStatus(ports: FleetStatusPorts): Promise<FleetStatus> {
  const { fleet, settings } = ports;
  const [agents, shutdown, approvals, lastHour] = await Promise.all([
    agentsOf(ports),
    fleet.shutdown(),
    fleet.approvals(),
    fleet.reserved(),
  ]);
  const inTrouble = agents.filter(({ incident }) => incident !== null).map(({ agentId }) => agentId);
  return {
    mode: settings.mode,
    agents,
    shutdown: shutdown && {
      ...shutdown,
      at: new Date(shutdown.at).toISOString(),
      agents: shutdown.agents.size,
      notReached: await outOfReach(ports, new Set([...shutdown.agents.keys(), ...inTrouble])),
    },
    approvals: approvals.map(({ id, kind, what, askedAt, verdicts }) => ({
      id,
      kind,
      what,
      askedAt: new Date(askedAt).toISOString(),
      agents: verdicts.map(({ signal }) => signal.agentId),
    })),
    automaticFreezes: { lastHour, limit: automaticFreezeLimit(settings.fleet) },
  };
}

/** Agents told of together: a process that also takes webhooks is held up no longer than by these. */
const AT_ONCE = 100;

/** Those of the settings, and every other with an open incident. */
async function agentsOf({ incidents, settings }: FleetStatusPorts): Promise<FleetAgentStatus[]> {
  const open = troubleOf(await incidents.allOpen());
  const wallets = new Map(settings.fleet.agents.map(({ id, wallet }) => [id, wallet]));
  const agentIds = [...new Set([...wallets.keys(), ...open.keys()])];
  const told: FleetAgentStatus[] = [];
  for (let from = 0; from < agentIds.length; from += AT_ONCE) {
    const some = agentIds.slice(from, from + AT_ONCE);
    told.push(...(await Promise.all(some.map((id) => statusOf(incidents, id, wallets.get(id), open.get(id) ?? null)))));
  }
  return told;
}

async function statusOf(
  incidents: FleetStatusPorts["incidents"],
  agentId: string,
  wallet: string | undefined,
  incident: IncidentSummary | null,
): Promise<FleetAgentStatus> {
  const held = incident && (await heldNow(incidents, incident));
  return {
    agentId,
    wallet: wallet ?? null,
    held,
    isFrozen: held === "frozen",
    incident: incident && {
      id: incident.id,
      status: incident.status,
      priority: incident.priority,
      runbook: incident.runbook,
      cascadeId: incident.cascadeId,
    },
    recoveringPercent: incident?.status === "recovering" ? (recoveryStateOf(incident).percent ?? 0) : null,
  };
}

/** By agent: the one that holds it, or would, else the one that it recovers from. */
export function troubleOf(open: readonly IncidentSummary[]): ReadonlyMap<string, IncidentSummary> {
  const recoveringLast = [...open].sort(
    (a, b) => Number(a.status === "recovering") - Number(b.status === "recovering") || b.openedAt - a.openedAt,
  );
  // Of several the last one written stays.
  return new Map(recoveringLast.reverse().map((incident) => [incident.agentId, incident]));
}

export async function heldNow(incidents: Pick<Incidents, "receipts">, incident: IncidentSummary): Promise<Held | null> {
  const receipts = await incidents.receipts(incident.id);
  return heldBy(incident, new Map([...receipts].map(([step, { result }]) => [step, result])));
}
