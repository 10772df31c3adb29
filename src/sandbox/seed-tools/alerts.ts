import { randomBytes } from "node:crypto";
import { getEventsTool, publishEventTool } from "../rest/events.ts";
import { rateServiceTool } from "../rest/ratings.ts";
import { deleteWebhookTool, listWebhooksTool, registerWebhookTool, testWebhookTool } from "../rest/webhooks.ts";
import { type AnySeedTool, asRest, type Given, seedTool } from "./seed-tool.ts";

export const alertTools: readonly AnySeedTool[] = [
  seedTool({
    name: "register_webhook",
    tool: registerWebhookTool,
    required: ["agent_id", "event_type", "webhook_url"],
    // The seeds name no secret; one is made then and told once, in the answer.
    toInput: (given) => ({
      url: String(given.webhook_url),
      event_types: [String(given.event_type)],
      secret: secretIn(given),
    }),
    toAnswer: (row: { id: string; url: string; secret: string }, given) => ({
      webhook_id: row.id,
      agent_id: given.agent_id,
      event_type: given.event_type,
      webhook_url: row.url,
      secret: row.secret,
    }),
  }),
  // The seeds register and never look again. These four are the real gateway's: a registration can be proved and taken back here
  // too, and what was published can be read.
  seedTool({
    name: "get_events",
    tool: getEventsTool,
    required: [],
    toInput: (given) => ({ since_id: Number(given.since_id ?? 0), limit: Number(given.limit ?? 100) }),
    toAnswer: asRest,
  }),
  seedTool({
    name: "list_webhooks",
    tool: listWebhooksTool,
    required: [],
    toInput: () => ({}),
    toAnswer: asRest,
  }),
  seedTool({
    name: "test_webhook",
    tool: testWebhookTool,
    required: ["webhook_id"],
    toInput: (given) => ({ webhook_id: String(given.webhook_id) }),
    toAnswer: asRest,
  }),
  seedTool({
    name: "delete_webhook",
    tool: deleteWebhookTool,
    required: ["webhook_id"],
    toInput: (given) => ({ webhook_id: String(given.webhook_id) }),
    toAnswer: asRest,
  }),
  seedTool({
    name: "publish_event",
    tool: publishEventTool,
    required: ["agent_id", "event_type"],
    toInput: (given) => ({
      event_type: String(given.event_type),
      source: String(given.agent_id),
      payload: { agent_id: given.agent_id, ...(given.payload as Record<string, unknown> | undefined) },
    }),
    toAnswer: asRest,
  }),
  seedTool({
    name: "rate_service",
    tool: rateServiceTool,
    required: ["agent_id", "rating"],
    toInput: (given) => ({
      service_id: String(given.service_id ?? given.agent_id),
      rating: Number(given.rating),
      review: String(given.comment ?? ""),
    }),
    toAnswer: (_result, given) => ({ agent_id: given.agent_id, rating: given.rating, comment: given.comment ?? "" }),
  }),
];

function secretIn(given: Given): string {
  const config = given.config as { secret?: unknown } | undefined;
  const named = given.secret ?? config?.secret;
  return typeof named === "string" && named !== "" ? named : `whsec_${randomBytes(24).toString("base64")}`;
}
