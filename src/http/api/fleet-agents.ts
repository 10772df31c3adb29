import { z } from "zod";
import { type FleetAgentsPorts, fleetAgents } from "../../contain/fleet-agents.ts";
import { readCursor } from "../../incident/page.ts";
import { type Endpoint, endpoint, reply } from "../endpoint.ts";
import { fleetAgentShape } from "./shapes/fleet-agent.ts";
import { after, limitOf, next } from "./shapes/page.ts";

/** /api/fleet/agents (O3): who spends, who is held, and why. */
export const fleetAgentEndpoints: readonly Endpoint<FleetAgentsPorts>[] = [
  endpoint({
    method: "get",
    path: "/api/fleet/agents",
    id: "listFleetAgents",
    tag: "fleet",
    summary: "Every agent that settings name, that events told of, or that ever had an incident; who spends most first",
    role: "viewer",
    query: z.strictObject({
      agent: z
        .string()
        .min(1, "must be a part of an agent's id")
        .max(200, "must be at most 200 characters")
        .optional()
        .meta({ description: "a part of its id" }),
      ...{ limit: limitOf(500, 50), after },
    }),
    answers: { 200: { what: "a page of them", body: z.object({ agents: z.array(fleetAgentShape), next }) } },
    async act(ports: FleetAgentsPorts, { query: { after, ...which } }) {
      const { rows, next } = await fleetAgents(ports, { ...which, after: readCursor(after) });
      return reply(200, { agents: rows, next });
    },
  }),
];
