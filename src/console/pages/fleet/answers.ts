import type { Tone } from "../../parts/badge.tsx";

/** GET /api/fleet, as far as it is shown. Times as ISO 8601. */
export interface FleetStatus {
  mode: "act" | "observe";
  agents: readonly FleetAgent[];
  shutdown: { id: string; by: string; reason: string; at: string; agents: number } | null;
  approvals: readonly Approval[];
  automaticFreezes: { lastHour: number; limit: number };
}

export interface Approval {
  id: string;
  kind: "shutdown" | "freezes";
  what: string;
  askedAt: string;
  agents: readonly string[];
}

export interface FleetAgent {
  agentId: string;
  wallet: string | null;
  held: "frozen" | "halved" | "restricted" | null;
  incident: { id: string; status: string; priority: string; runbook: string; cascadeId: string | null } | null;
  recoveringPercent: number | null;
}

/** held: kept from spending in part or whole. trouble: an incident that has not come to that yet. */
export type AgentState = "trouble" | "held" | "recovering" | "free";
export const agentStates: readonly AgentState[] = ["trouble", "held", "recovering", "free"];

export function stateOf({ held, recoveringPercent, incident }: FleetAgent): AgentState {
  if (held !== null) return "held";
  if (recoveringPercent !== null) return "recovering";
  return incident === null ? "free" : "trouble";
}

/** What the badge of an agent says. */
export function standing(agent: FleetAgent): { tone: Tone; text: string } {
  if (agent.held === "frozen") return { tone: "hold", text: "Frozen" };
  if (agent.held === "halved") return { tone: "hold", text: "Half its budget" };
  if (agent.held === "restricted") return { tone: "hold", text: "Restricted to reading" };
  if (agent.recoveringPercent !== null)
    return { tone: "progress", text: `Recovering, ${agent.recoveringPercent} % back` };
  return agent.incident ? { tone: "danger", text: "In trouble, not held" } : { tone: "ok", text: "Free to spend" };
}

export const sorts = ["trouble", "name", "wallet"] as const;
export type Sort = (typeof sorts)[number];

/** trouble: whoever needs a look comes first, worst priority first. Search finds parts of names, in any case. */
export function shown(
  agents: readonly FleetAgent[],
  search: string,
  state: AgentState | "all",
  sort: Sort,
): FleetAgent[] {
  const part = search.trim().toLowerCase();
  const finds = ({ agentId, wallet, incident }: FleetAgent) =>
    [agentId, wallet, incident?.id, incident?.runbook].some((text) => text?.toLowerCase().includes(part));
  return agents
    .filter((agent) => finds(agent) && (state === "all" || stateOf(agent) === state))
    .sort((a, b) => keyOf(a, sort).localeCompare(keyOf(b, sort), "en", { numeric: true }));
}

function keyOf(agent: FleetAgent, sort: Sort): string {
  if (sort === "name") return agent.agentId;
  if (sort === "wallet") return `${agent.wallet ?? "~"} ${agent.agentId}`;
  return `${agentStates.indexOf(stateOf(agent))} ${agent.incident?.priority ?? "~"} ${agent.agentId}`;
}
