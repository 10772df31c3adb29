import { z } from "zod";
import { type ApprovePorts, approve, decline } from "../../contain/approvals.ts";
import { type Order, outOfReach, shutDown } from "../../contain/fleet.ts";
import { type FleetStatusPorts, fleetStatus } from "../../contain/fleet-status.ts";
import type { KnownAgentsPorts } from "../../contain/known-agents.ts";
import { person } from "../../incident/who-and-why.ts";
import { type ResumeFleetPorts, resumeFleet } from "../../recover/resume-fleet.ts";
import { type Endpoint, endpoint, reply } from "../endpoint.ts";
import { fleetShape, resumedShape, shutdownShape } from "./shapes/fleet.ts";

export type FleetApiPorts = ApprovePorts & FleetStatusPorts & ResumeFleetPorts & KnownAgentsPorts;

const whoAndWhy = { by: person.by, reason: person.reason };
const order = z.strictObject(whoAndWhy);
const answer = z.strictObject({
  ...whoAndWhy,
  id: z.string().max(200).optional().meta({ description: "of one question; left out: all that wait" }),
});

/** 202: what follows is worked by the queues. Asked twice it is done once. */
const change = { method: "post", tag: "fleet", role: "responder", says: "Say who decides, and why." } as const;

/** /api/fleet (P4): who is frozen and by what, what waits for a person's word, and that word. */
export const fleetEndpoints: readonly Endpoint<FleetApiPorts>[] = [
  endpoint({
    method: "get",
    path: "/api/fleet",
    id: "showFleet",
    tag: "fleet",
    summary: "Who is held and by what, and what waits for a person's word",
    role: "viewer",
    answers: { 200: { what: "the fleet now", body: fleetShape } },
    act: async (ports: FleetApiPorts) => reply(200, await fleetStatus(ports)),
  }),
  endpoint({
    ...change,
    path: "/api/fleet/shutdown",
    id: "shutDownFleet",
    summary: "Freeze the spending of every agent",
    body: order,
    answers: { 202: { what: "being frozen", body: shutdownShape } },
    async act(ports: FleetApiPorts, { body }) {
      const shutdown = await shutDown(ports, body satisfies Order, { isAutomatic: false });
      const notReached = await outOfReach(ports, shutdown.agents);
      return reply(202, { id: shutdown.id, agents: [...shutdown.agents.keys()], notReached });
    },
  }),
  endpoint({
    ...change,
    path: "/api/fleet/resume",
    id: "resumeFleet",
    freshLogin: true,
    summary: "Take a shutdown back: stand down what it alone froze",
    body: order,
    answers: { 202: { what: "whom it lets go, and whom not", body: resumedShape } },
    act: async (ports: FleetApiPorts, { body }) => reply(202, await resumeFleet(ports, body)),
  }),
  endpoint({
    ...change,
    path: "/api/fleet/approve",
    id: "approveFreezes",
    summary: "Say yes to what waits: freezes beyond the cap, or a shutdown",
    body: answer,
    problems: [404],
    answers: { 202: { what: "being frozen", body: shutdownShape.omit({ id: true }) } },
    act: async (ports: FleetApiPorts, { body }) => reply(202, await approve(ports, body, body.id)),
  }),
  endpoint({
    ...change,
    path: "/api/fleet/decline",
    id: "declineFreezes",
    summary: "Say no to what waits",
    body: answer,
    problems: [404],
    answers: { 202: { what: "the questions that are answered", body: z.object({ declined: z.array(z.string()) }) } },
    act: async (ports: FleetApiPorts, { body }) => reply(202, await decline(ports, body, body.id)),
  }),
];
