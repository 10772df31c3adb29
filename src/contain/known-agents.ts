import type { Incidents } from "../incident/ports.ts";
import type { AgentWatch } from "../incident/watch.ts";
import type { Settings } from "../settings/settings.ts";

export interface KnownAgentsPorts {
  incidents: Pick<Incidents, "agents">;
  agentWatch: Pick<AgentWatch, "seenAgents">;
  settings: Pick<Settings, "fleet">;
}

/**
 * Every agent that the product knows: those of the settings, then those that events told of, heard of last first, then those
 * that ever had an incident. As many as are remembered: nobody is left out silently.
 */
export async function knownAgents(ports: KnownAgentsPorts): Promise<ReadonlySet<string>> {
  const [seen, troubled] = await Promise.all([ports.agentWatch.seenAgents(), ports.incidents.agents()]);
  return new Set([...ports.settings.fleet.agents.map(({ id }) => id), ...seen, ...troubled]);
}
