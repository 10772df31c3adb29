import { expect } from "vitest";
import type { AgentState } from "../../src/incident/agent-control.ts";
import type { IncidentView } from "../../src/incident/incident.ts";
import { standDown } from "../../src/recover/stand-down.ts";
import type { WorldOptions } from "../support/world.ts";
import { type QuietWorld, quietWorld } from "./quiet-world.ts";

/** agent-8 shares the tool at fault, agent-9 the prompt, agent-10 nothing. */
export const fleet = `
fleet:
  agents:
    - { id: agent-7, prompt: buyer, tools: [http_request] }
    - { id: agent-8, tools: [http_request] }
    - { id: agent-9, prompt: buyer }
    - { id: agent-10, prompt: seller, tools: [search] }
`;
export const others = ["agent-8", "agent-9", "agent-10"];
export const stopped = { tools: "none", isolated: true, paused: true };
export const loose = { tools: "all", isolated: false, paused: false };

const why = {
  rule: "exfiltration",
  ruleVersion: 1,
  sentence: "http_request sent 48,000 bytes",
  thresholds: {},
  observed: { tool: "http_request" },
  baseline: null,
  events: [],
};
/** What is known of a signal of a breach, and of one that is none. */
export const breach = { kind: "data-exfiltration", suspectPayee: null, why } as const;
export const errors = { kind: "error-spike", severity: "warning", suspectPayee: null } as const;

export interface BreachWorld extends QuietWorld {
  view(incidentId: string): Promise<IncidentView>;
  /** What the platform holds back of an agent; agent-7 if none is named. */
  reins(agentId?: string): Promise<Omit<AgentState, "lastRotation"> & { rotations: readonly string[] }>;
  /** What a person does at the platform. */
  set(agentId: string, rest: "tools" | "network" | "execution", body: unknown): Promise<void>;
  calledOff(incidentId: string): ReturnType<typeof standDown>;
}

export async function breachWorld(options: WorldOptions = {}): Promise<BreachWorld> {
  const world = await quietWorld({ settings: fleet, ...options });
  for (const id of others) await world.admin.placeAgent(id);
  return {
    ...world,
    view: async (id) => (await world.services.incidents.view(id))!,
    reins: async (id = "agent-7") => (await world.admin.state()).agents.find(({ agentId }) => agentId === id)!.control,
    async set(agentId, rest, body) {
      const answer = await fetch(`${world.sandbox.url}/_control/agents/${agentId}/${rest}`, {
        method: "PUT",
        headers: { authorization: "Bearer sandbox-control-a-person", "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      expect(answer.status).toBe(200);
    },
    async calledOff(incidentId) {
      await world.services.incidents.beginStandDown(incidentId, "ada", "planned");
      return standDown(world.ports, { incidentId }, new AbortController().signal);
    },
  };
}
