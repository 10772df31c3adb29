import type { Approval, Fleet } from "../incident/fleet.ts";
import { type IncidentView, isOver } from "../incident/incident.ts";
import type { Incidents } from "../incident/ports.ts";
import { automaticFreezeLimit } from "../settings/automatic-freezes.ts";
import type { Settings } from "../settings/settings.ts";

export interface FleetStatusPorts {
  fleet: Fleet;
  incidents: Pick<Incidents, "list" | "load">;
  settings: Pick<Settings, "fleet" | "mode">;
}

/** The fleet at one look (P4), times as ISO 8601 text. */
export interface FleetStatus {
  mode: Settings["mode"];
  agents: readonly FleetAgentStatus[];
  shutdown: { id: string; by: string; reason: string; at: string; agents: number } | null;
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
  /** Known to be frozen at the gateway by the incident beside it. */
  isFrozen: boolean;
  incident: Pick<IncidentView, "id" | "status" | "priority" | "runbook" | "cascadeId"> | null;
}

const MOST_INCIDENTS = 500;

export async function fleetStatus(ports: FleetStatusPorts): Promise<FleetStatus> {
  const { fleet, settings } = ports;
  const [agents, shutdown, approvals, lastHour] = await Promise.all([
    agentsOf(ports),
    fleet.shutdown(),
    fleet.approvals(),
    fleet.reserved(),
  ]);
  return {
    mode: settings.mode,
    agents,
    shutdown: shutdown && { ...shutdown, at: new Date(shutdown.at).toISOString(), agents: shutdown.agents.size },
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

/** Those of the settings, and every other with an open incident. */
async function agentsOf({ fleet, incidents, settings }: FleetStatusPorts): Promise<FleetAgentStatus[]> {
  const named = settings.fleet.agents.map(({ id }) => id);
  const listed = (await incidents.list(MOST_INCIDENTS)).filter(({ status }) => !isOver(status));
  const agentIds = [...new Set([...named, ...listed.map(({ agentId }) => agentId)])];
  const open = await fleet.openIncidents(agentIds);
  return Promise.all(
    agentIds.map(async (agentId) => {
      const incidentId = open.get(agentId);
      const incident = incidentId === undefined ? null : await incidents.load(incidentId);
      return {
        agentId,
        wallet: settings.fleet.agents.find(({ id }) => id === agentId)?.wallet ?? null,
        isFrozen: incident !== null && !incident.dryRun && incident.effectiveAt !== null,
        incident: incident && {
          id: incident.id,
          status: incident.status,
          priority: incident.priority,
          runbook: incident.runbook,
          cascadeId: incident.cascadeId,
        },
      };
    }),
  );
}
