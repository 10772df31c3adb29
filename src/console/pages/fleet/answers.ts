import type { z } from "zod";
import type { fleetShape, resumedShape, shutdownShape } from "../../../http/api/shapes/fleet.ts";
import type { fleetAgentShape } from "../../../http/api/shapes/fleet-agent.ts";
import { counted, listed } from "../../words/names.ts";
import type { Tone } from "../../words/tone.ts";

/** GET /api/fleet: what concerns all agents. */
export type FleetStatus = z.output<typeof fleetShape>;
export type Approval = FleetStatus["approvals"][number];
export type ShutDown = z.output<typeof shutdownShape>;
export type Resumed = z.output<typeof resumedShape>;

/** GET /api/fleet/agents: those who spent most in the last hour first. */
export interface FleetAgents {
  agents: readonly FleetAgent[];
  /** Not null: there are more than are answered at once. */
  next: string | null;
}
export type FleetAgent = z.output<typeof fleetAgentShape>;
export type AgentState = FleetAgent["state"];

/** Whoever needs a look first. */
const order: readonly AgentState[] = ["trouble", "frozen", "halved", "restricted", "recovering", "free"];

/** What came of a shutdown, or of the approval of one: whoever is not reached goes on spending. */
export function beingFrozen({ agents, notReached }: Pick<ShutDown, "agents" | "notReached">): string {
  const frozen = `${counted(agents.length, "agent is", "agents are")} being frozen.`;
  if (notReached.length === 0) return frozen;
  const few =
    notReached.length === 1 ? "1 agent that no settings name is" : `${notReached.length} that no settings name are`;
  return `${frozen} But ${few} not reached: ${listed(notReached)}. Stop them by hand.`;
}

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

/** "1 in trouble, 389 held, 28 free of 418": they add up, and a kind that nobody is of is left out. */
export function summed(agents: readonly FleetAgent[]): string {
  const words = { trouble: "in trouble", held: "held", recovering: "recovering", free: "free" } as const;
  const counts = (Object.keys(words) as (keyof typeof words)[]).map(
    (group) => [agents.filter((agent) => inGroup(agent, group)).length, words[group]] as const,
  );
  const said = counts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return `${said.join(", ")} of ${agents.length}`;
}

/** Which cap the one last seen is: containment and recovery have set others since. */
export function capName(state: AgentState): string {
  if (state === "frozen") return "its cap before the freeze";
  return state === "halved" || state === "recovering" ? "its cap before the incident" : "its cap";
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
