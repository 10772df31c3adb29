import type { FleetAgent } from "../contain/fleet-agents.ts";
import type { FleetAgentStatus, FleetStatus } from "../contain/fleet-status.ts";
import { textTable } from "./text-table.ts";

/** A page of the agents; inTrouble: all with an open incident, wherever they stand. */
export interface ToldStatus extends Omit<FleetStatus, "agents"> {
  agents: readonly FleetAgent[];
  next: string | null;
  inTrouble: readonly FleetAgentStatus[];
}

export function statusText({ agents, next, inTrouble, automaticFreezes, shutdown, approvals }: ToldStatus): string {
  const shown = new Set(agents.map(({ agentId }) => agentId));
  const elsewhere = inTrouble.filter(({ agentId }) => !shown.has(agentId));
  const { lastHour, limit } = automaticFreezes;
  return [
    agents.length === 0
      ? "no agents: the settings name none, no event told of one, and none ever had an incident"
      : textTable([["AGENT", "WALLET", "STATE", "LAST HOUR", "INCIDENT"], ...agents.map(agentRow)]),
    ...(next === null ? [] : [`there are more: --after ${next}`]),
    ...(elsewhere.length === 0 ? [] : [`in trouble, not listed above: ${elsewhere.map(inTroubleText).join(", ")}`]),
    `frozen by automation in the last hour: ${lastHour}, of which at most ${limit} without a critical signal of their own`,
    ...(shutdown
      ? [
          `shut down: ${shutdown.id} by ${shutdown.by} at ${shutdown.at}, ${shutdown.reason}`,
          ...leftAlone(shutdown.notReached),
        ]
      : ["no shutdown in force"]),
    ...approvals.flatMap(({ id, what, agents }) => [
      [`waits for you: ${id}: ${what}`, ...(agents.length > 0 ? [`(${agents.join(", ")})`] : [])].join(" "),
      `  yes or no: npx tourniquet fleet approve ${id}, or decline ${id}, with --by NAME --reason TEXT`,
    ]),
  ].join("\n");
}

const agentRow = ({ agentId, wallet, state, recoveringPercent, breaker, spent, incident }: FleetAgent) => [
  agentId,
  wallet ?? "",
  [
    recoveringPercent === null ? state : `${recoveringPercent} %`,
    ...(breaker === "closed" ? [] : [`breaker ${breaker}`]),
  ].join(", "),
  spent.lastHour,
  incident ? `${incident.id} ${incident.priority} ${incident.status}` : "",
];

const inTroubleText = ({ agentId, held, incident }: FleetAgentStatus): string =>
  `${agentId} (${[held, incident?.id, incident?.priority, incident?.status].filter(Boolean).join(" ")})`;

export function shutdownText(id: string, agents: readonly string[], notReached: readonly string[]): string {
  const count = agents.length === 1 ? "1 agent" : `${agents.length} agents`;
  return [
    agents.length === 0
      ? `${id}: freezing nobody, the settings name no agent and none has an open incident`
      : `${id}: freezing ${count}: ${agents.join(", ")}`,
    ...leftAlone(notReached),
  ].join("\n");
}

/** As many as a person reads; the number says how many there are. */
const MOST_NAMED = 100;

/** Known agents that a shutdown does not freeze. */
export function leftAlone(agents: readonly string[]): string[] {
  if (agents.length === 0) return [];
  const count = agents.length === 1 ? "1 agent" : `${agents.length} agents`;
  const named = agents.slice(0, MOST_NAMED).join(", ");
  const more = agents.length > MOST_NAMED ? ` and ${agents.length - MOST_NAMED} more (--json names all)` : "";
  return [
    `not reached, since no settings name them: ${count}: ${named}${more} (npx tourniquet contain <agent> freezes one)`,
  ];
}
