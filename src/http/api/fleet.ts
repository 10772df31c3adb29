import express, { type RequestHandler, type Router } from "express";
import { type ApprovePorts, approve, decline } from "../../contain/approvals.ts";
import { outOfReach, shutDown } from "../../contain/fleet.ts";
import { type FleetStatusPorts, fleetStatus } from "../../contain/fleet-status.ts";
import type { AgentWatch } from "../../incident/watch.ts";
import { type ResumeFleetPorts, resumeFleet } from "../../recover/resume-fleet.ts";
import type { Auth } from "../auth.ts";
import { jsonBody } from "../json-body.ts";
import { wrongMethod } from "../method.ts";
import { type OrderBody, readOrder } from "../order.ts";

export type FleetApiPorts = ApprovePorts &
  FleetStatusPorts &
  ResumeFleetPorts & { agentWatch: Pick<AgentWatch, "seenAgents">; auth: Auth };

/** /api/fleet (P4): who is frozen and by what, what waits for a person's word, and that word. */
export function fleetApi(ports: FleetApiPorts): Router {
  const json = jsonBody();
  const responder = ports.auth.require("responder");
  const router = express.Router();
  router
    .route("/")
    .get(ports.auth.require("viewer", { openHere: true }), async (_req, res) => {
      res.json(await fleetStatus(ports));
    })
    .all(wrongMethod("GET"));
  const orders: Readonly<Record<string, (order: OrderBody) => Promise<object>>> = {
    "/shutdown": async (order) => {
      const shutdown = await shutDown(ports, order, { isAutomatic: false });
      const notReached = await outOfReach(ports, shutdown);
      return { id: shutdown.id, agents: [...shutdown.agents.keys()], notReached };
    },
    "/resume": (order) => resumeFleet(ports, order),
    "/approve": (order) => approve(ports, order, order.id),
    "/decline": (order) => decline(ports, order, order.id),
  };
  for (const [path, act] of Object.entries(orders))
    router.route(path).post(responder, json, ordered(act)).all(wrongMethod("POST"));
  return router;
}

/** 202: what follows is worked by the queues. Asked twice it is done once. */
function ordered(act: (order: OrderBody) => Promise<object>): RequestHandler {
  return async (req, res) => {
    const order = readOrder(req, res);
    if (order) res.status(202).json(await act(order));
  };
}
