import type { Approval, Fleet } from "../incident/fleet.ts";
import { type IncidentView, isOver } from "../incident/incident.ts";
import type { Incidents } from "../incident/ports.ts";
import { recoveryStateOf } from "../incident/recovery-state.ts";
import { planOf } from "../runbooks/plan.ts";
import { freezeBudget } from "../runbooks/steps/freeze-budget.ts";
import { halveBudget } from "../runbooks/steps/halve-budget.ts";
import { restrictToReadOnly } from "../runbooks/steps/restrict-to-read-only.ts";
import { automaticFreezeLimit } from "../settings/automatic-freezes.ts";
import type { Settings } from "../settings/settings.ts";

export interface FleetStatusPorts {
  fleet: Fleet;
  incidents: Pick<Incidents, "list" | "view">;
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

/** halved: the daily budget. restricted: by what runs the agent; its budget is untouched. */
export type Held = "frozen" | "halved" | "restricted";

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
  const recovering = new Map(
    listed.filter(({ status }) => status === "recovering").map(({ agentId, id }) => [agentId, id]),
  );
  return Promise.all(
    agentIds.map(async (agentId) => {
      const incidentId = open.get(agentId) ?? recovering.get(agentId);
      const incident = incidentId === undefined ? null : await incidents.view(incidentId);
      const held = incident && heldBy(incident);
      return {
        agentId,
        wallet: settings.fleet.agents.find(({ id }) => id === agentId)?.wallet ?? null,
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
    }),
  );
}

/** By its receipts: an incident may have begun with less than it asks for now. */
function heldBy(incident: IncidentView): Held | null {
  if (incident.dryRun || incident.status === "recovering") return null;
  const done = new Map(
    incident.steps.filter(({ status }) => status === "done").map(({ step, result }) => [step, result]),
  );
  const { budget, steps } = planOf(incident);
  // Read-back can know of a freeze that its own step could not report yet.
  const isReadBack = incident.effectiveAt !== null && !done.has(halveBudget.name) && !done.has(restrictToReadOnly.name);
  if (budget === "freeze" && (done.has(freezeBudget.name) || isReadBack)) return "frozen";
  if (typeof done.get(halveBudget.name)?.dailyCap === "string") return "halved";
  const isRestricted = steps.some(
    ({ name, lane }) => lane === "agent" && done.has(name) && done.get(name)?.byHand === undefined,
  );
  return isRestricted ? "restricted" : null;
}
