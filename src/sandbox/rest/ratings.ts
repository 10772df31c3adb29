import { z } from "zod";
import { Problem } from "../problem.ts";
import { type AnyRoute, route, type Tool } from "../tool.ts";

interface Rating {
  service_id: string;
  rating: number;
  review?: string;
}

/** An upsert by service and caller. Nobody asks whether there is such a service. */
export const rateServiceTool: Tool<Rating> = {
  name: "rate_service",
  scope: "write",
  tier: "free",
  required: ["service_id", "rating"],
  run(world, { caller, input, idempotencyKey }) {
    const { service_id: serviceId, rating, review = "" } = input;
    if (!Number.isInteger(rating) || rating < 1 || rating > 5)
      throw new Problem(400, "validation-error", "Rating must be 1 to 5");
    const row = { serviceId, agentId: caller.agentId, rating, review };
    world.state.ratings.set(`${serviceId} ${caller.agentId}`, row);
    world.effects.record("service.rated", {
      agentId: caller.agentId,
      actor: caller.agentId,
      idempotencyKey,
      detail: serviceId,
    });
    return { service_id: serviceId, agent_id: caller.agentId, rating, review };
  },
};

export const getRatingsTool: Tool<{ service_id: string }> = {
  name: "get_service_ratings",
  scope: "read",
  tier: "free",
  required: ["service_id"],
  run(world, { input }) {
    const rows = [...world.state.ratings.values()].filter((row) => row.serviceId === input.service_id);
    const sum = rows.reduce((total, row) => total + row.rating, 0);
    const ratings = rows.map(({ agentId, rating, review }) => ({ agent_id: agentId, rating, review }));
    return {
      service_id: input.service_id,
      average_rating: rows.length === 0 ? 0 : sum / rows.length,
      count: rows.length,
      ratings,
    };
  },
};

const path = "/v1/marketplace/services/:service_id/ratings";

export const ratingRoutes: readonly AnyRoute[] = [
  route({
    method: "post",
    path,
    tool: rateServiceTool,
    body: z.strictObject({ rating: z.int(), review: z.string().optional() }),
  }),
  route({ method: "get", path, tool: getRatingsTool }),
];
