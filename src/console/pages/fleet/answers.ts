import type { Tone } from "../../words/tone.ts";

/** GET /api/fleet, as far as it is shown: what concerns all agents. Times as ISO 8601. */
export interface FleetStatus {
  mode: "act" | "observe";
  agents: readonly { agentId: string }[];
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

/** GET /api/fleet/agents: those who spent most in the last hour first. Amounts are decimal strings. */
export interface FleetAgents {
  agents: readonly FleetAgent[];
  /** Not null: there are more than are answered at once. */
  next: string | null;
}

export type AgentState = "trouble" | "frozen" | "halved" | "restricted" | "recovering" | "free";

export interface FleetAgent {
  agentId: string;
  wallet: string | null;
  state: AgentState;
  recoveringPercent: number | null;
  spent: { last5Min: string; lastHour: string; lastDay: string; isWhole: boolean };
  usualPerMinute: string | null;
  caps: { daily: string | null; monthly: string | null } | null;
  capUsedPercent: number | null;
  breaker: "closed" | "open" | "half-open";
  incident: { id: string; status: string; priority: string } | null;
  why: string | null;
}

/** Whoever needs a look first. */
const order: readonly AgentState[] = ["trouble", "frozen", "halved", "restricted", "recovering", "free"];

/** What the badge of an agent says. */
export function standing({ state, recoveringPercent }: FleetAgent): { tone: Tone; text: string } {
  const standings = {
    trouble: { tone: "danger", text: "In trouble, not held" },
    frozen: { tone: "hold", text: "Frozen" },
    halved: { tone: "hold", text: "Half its budget" },
    restricted: { tone: "hold", text: "Restricted to reading" },
    recovering: { tone: "progress", text: `Recovering, ${recoveringPercent ?? 0} % back` },
    free: { tone: "ok", text: "Free to spend" },
  } as const;
  return standings[state];
}

/** held: kept from spending in part or whole. */
export const groups = {
  all: order,
  trouble: ["trouble"],
  held: ["frozen", "halved", "restricted"],
  recovering: ["recovering"],
  free: ["free"],
} as const satisfies Readonly<Record<string, readonly AgentState[]>>;
export type Group = keyof typeof groups;

export function inGroup({ state }: FleetAgent, group: Group): boolean {
  return (groups[group] as readonly AgentState[]).includes(state);
}

export const sorts = ["trouble", "spending", "name", "wallet"] as const;
export type Sort = (typeof sorts)[number];

/** Of those that stand alike the order of the answer stays: who spends most comes first. */
export function sorted(agents: readonly FleetAgent[], sort: Sort): readonly FleetAgent[] {
  if (sort === "spending") return agents;
  if (sort === "trouble")
    return [...agents].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || byPriority(a, b));
  const byName = (a: FleetAgent, b: FleetAgent) => inOrder(a.agentId, b.agentId);
  if (sort === "name") return [...agents].sort(byName);
  return [...agents].sort((a, b) => inOrder(a.wallet, b.wallet) || byName(a, b));
}

/** Numbers in names as numbers; what has none comes last. */
function inOrder(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return a.localeCompare(b, "en", { numeric: true });
}

function byPriority(a: FleetAgent, b: FleetAgent): number {
  return inOrder(a.incident?.priority ?? null, b.incident?.priority ?? null);
}
