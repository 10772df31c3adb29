import type { AgentControlSettings, FleetAgent } from "../settings/settings.ts";

/** why: what it shares, in words for the incident. */
export interface SimilarAgent {
  agentId: string;
  why: string;
}

/** C8: agents of the fleet that have in common with this one what may be at fault: the tool, the prompt, the wallet. */
export function similarAgents(
  fleet: readonly FleetAgent[],
  restrictSimilar: AgentControlSettings["restrictSimilar"],
  agentId: string,
  toolsAtFault: readonly string[],
): SimilarAgent[] {
  const own = fleet.find(({ id }) => id === agentId);
  const shared = (other: FleetAgent): string[] => [
    ...(restrictSimilar.includes("tool")
      ? other.tools.filter((tool) => toolsAtFault.includes(tool)).map((tool) => `the tool ${tool}`)
      : []),
    ...(restrictSimilar.includes("prompt") && own?.prompt !== undefined && other.prompt === own.prompt
      ? [`the prompt ${own.prompt}`]
      : []),
    ...(restrictSimilar.includes("wallet") && own?.wallet !== undefined && other.wallet === own.wallet
      ? [`the wallet ${own.wallet}`]
      : []),
  ];
  return fleet
    .filter(({ id }) => id !== agentId)
    .map((other) => ({ agentId: other.id, shares: shared(other) }))
    .filter(({ shares }) => shares.length > 0)
    .map(({ agentId: id, shares }) => ({ agentId: id, why: `shares ${shares.join(" and ")} with ${agentId}` }));
}
