import { z } from "zod";
import { type OrderContainmentPorts, orderableRunbooks, orderContainment } from "../../contain/order-containment.ts";
import { priorities } from "../../incident/incident.ts";
import type { Log } from "../../incident/ports.ts";
import { person } from "../../incident/who-and-why.ts";
import { type Endpoint, endpoint, reply } from "../endpoint.ts";
import { time } from "./shapes/time.ts";

export interface ContainPorts extends Omit<OrderContainmentPorts, "gateway"> {
  /** In observe-only mode too an order is carried out. */
  ordered: Pick<OrderContainmentPorts, "gateway">;
  log: Log;
}

const orderedShape = z
  .object({
    agentId: z.string(),
    signalId: z.string().meta({ description: "its verdict names the incident as soon as a worker has taken it up" }),
    orderedAt: time,
  })
  .meta({ id: "OrderedContainment" });

/** A person has one agent frozen now (O1). Each order is a signal of its own. */
export const containEndpoints: readonly Endpoint<ContainPorts>[] = [
  endpoint({
    method: "post",
    path: "/api/agents/{id}/contain",
    id: "containAgent",
    tag: "agents",
    summary: "Freeze this agent now, on a person's word",
    description: "In observe-only mode too. The incident it opens, or joins, tells when the freeze is in effect.",
    role: "responder",
    params: z.object({ id: z.string().meta({ description: "the agent's id", example: "procurement-7" }) }),
    body: z.strictObject({
      by: person.by,
      reason: person.reason,
      runbook: z
        .enum(orderableRunbooks, `must be one of ${orderableRunbooks.join(", ")}`)
        .optional()
        .meta({ description: "left out: runaway-spending" }),
      priority: z
        .enum(priorities, `must be one of ${priorities.join(", ")}`)
        .optional()
        .meta({ description: "left out: the runbook's own" }),
    }),
    says: "Say who has the agent contained, and why.",
    answers: { 202: { what: "ordered: the containment worker does the rest", body: orderedShape } },
    problems: [404, 409, 502],
    async act(ports: ContainPorts, { params: { id: agentId }, body }) {
      const order = await orderContainment({ ...ports, ...ports.ordered }, { agentId, ...body });
      const { signalId } = order;
      ports.log.warn({ agentId, by: body.by, reason: body.reason, signalId }, "containment.ordered");
      return reply(202, { ...order, orderedAt: new Date(order.orderedAt).toISOString() });
    },
  }),
];
