import { z } from "zod";
import { busRow, publish, readBus } from "../event-bus.ts";
import { type AnyRoute, route, type Tool } from "../tool.ts";
import { wholeNumber } from "./serve.ts";

interface NewEvent {
  event_type: string;
  source: string;
  payload?: Record<string, unknown> | null;
}

/** Any key, any type, any source. What is published here never reaches a webhook. */
export const publishEventTool: Tool<NewEvent> = {
  name: "publish_event",
  scope: "write",
  tier: "free",
  required: ["event_type", "source"],
  run(world, { caller, input, idempotencyKey }) {
    const event = { eventType: input.event_type, source: input.source, payload: input.payload ?? {} };
    return { event_id: publish(world, event, { actor: caller.agentId, idempotencyKey }).id };
  },
};

/** Payloads pass through the serializer like everything else, so their hashes no longer check. */
export const getEventsTool: Tool<{ event_type?: string; since_id?: number; limit?: number }> = {
  name: "get_events",
  scope: "read",
  tier: "free",
  run(world, { input }) {
    const rows = readBus(world, {
      eventType: input.event_type,
      sinceId: input.since_id ?? 0,
      limit: input.limit ?? 100,
    });
    return { events: rows.map(busRow) };
  },
};

export const eventRoutes: readonly AnyRoute[] = [
  route({
    method: "post",
    path: "/v1/infra/events",
    tool: publishEventTool,
    body: z.strictObject({
      event_type: z.string(),
      source: z.string(),
      payload: z.record(z.string(), z.unknown()).nullable().optional(),
    }),
    isUnwrapped: true,
  }),
  route({
    method: "get",
    path: "/v1/infra/events",
    tool: getEventsTool,
    query: z.object({ event_type: z.string().optional(), since_id: wholeNumber(0), limit: wholeNumber(100) }),
    isUnwrapped: true,
  }),
];
