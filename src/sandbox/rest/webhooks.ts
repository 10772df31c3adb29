import { z } from "zod";
import { standardKey } from "../../greenhelix/signature.ts";
import type { Caller } from "../keys.ts";
import { seconds } from "../presentation.ts";
import { Problem } from "../problem.ts";
import { type AnyRoute, route, type Tool } from "../tool.ts";
import type { WebhookRow } from "../webhook-book.ts";
import type { World } from "../world.ts";
import { wholeNumber } from "./serve.ts";
import { refuseUrl } from "./webhook-url.ts";

interface Registration {
  url: string;
  event_types: readonly string[];
  secret: string;
  filter_agent_ids?: readonly string[] | null;
}

/** Types are free text and nothing is deduplicated: registering twice makes two, and both are served. */
export const registerWebhookTool: Tool<Registration> = {
  name: "register_webhook",
  scope: "write",
  tier: "pro",
  required: ["url", "event_types", "secret"],
  run: (world, { caller, input }) => webhookRow(openWebhook(world, caller.agentId, input)),
};

export function openWebhook(world: World, agentId: string, input: Registration): WebhookRow {
  refuseUrl(input.url);
  const scheme = world.webhookScheme;
  if (scheme === "standard") refuseSecret(input.secret);
  const { url, event_types: eventTypes, secret, filter_agent_ids: filterAgentIds = null } = input;
  const webhook = world.webhooks.register({ agentId, url, eventTypes, secret, filterAgentIds, scheme });
  world.effects.record("webhook.registered", { agentId, actor: agentId, detail: eventTypes.join(",") });
  return webhook;
}

export const listWebhooksTool: Tool<Record<string, never>> = {
  name: "list_webhooks",
  scope: "read",
  tier: "pro",
  run: (world, { caller }) => ({
    webhooks: world.webhooks
      .list()
      .filter((row) => row.agentId === caller.agentId)
      .map(webhookRow),
  }),
};

interface OneWebhook {
  webhook_id: string;
}

export const deleteWebhookTool: Tool<OneWebhook> = {
  name: "delete_webhook",
  scope: "write",
  tier: "pro",
  required: ["webhook_id"],
  run(world, { caller, input }) {
    const webhook = ownWebhook(world, caller, input.webhook_id);
    webhook.isActive = false;
    world.effects.record("webhook.deleted", { agentId: webhook.agentId, actor: caller.agentId });
    return { deleted: true };
  },
};

/** Answers 200 whatever the receiver said: only `status` and `response_code` tell. */
export const testWebhookTool: Tool<OneWebhook> = {
  name: "test_webhook",
  scope: "write",
  tier: "free",
  required: ["webhook_id"],
  async run(world, { caller, input }) {
    const { id, status, responseCode } = await world.courier.ping(ownWebhook(world, caller, input.webhook_id));
    return { delivery_id: id, status, response_code: responseCode };
  },
};

export const listDeliveriesTool: Tool<OneWebhook & { limit?: number; offset?: number }> = {
  name: "get_webhook_deliveries",
  scope: "read",
  tier: "pro",
  required: ["webhook_id"],
  run(world, { caller, input: { webhook_id: webhookId, limit = 50, offset = 0 } }) {
    const rows = [...world.webhooks.deliveries(ownWebhook(world, caller, webhookId).id)].reverse();
    const deliveries = rows.slice(offset, offset + limit).map((row) => ({
      id: row.id,
      webhook_id: row.webhookId,
      event_type: row.eventType,
      payload: row.body,
      status: row.status,
      attempts: row.attempts,
      last_attempt_at: row.lastAttemptAtMs === null ? null : seconds(row.lastAttemptAtMs),
      next_retry_at: row.nextRetryAtMs === null ? null : seconds(row.nextRetryAtMs),
      response_code: row.responseCode,
      response_body: row.responseBody,
      created_at: seconds(row.createdAtMs),
    }));
    return { deliveries };
  },
};

const typeList = z.array(z.string());

export const webhookRoutes: readonly AnyRoute[] = [
  route({
    method: "post",
    path: "/v1/infra/webhooks",
    tool: registerWebhookTool,
    body: z.strictObject({
      url: z.string(),
      events: typeList.optional(),
      event_types: typeList.optional(),
      secret: z.string().min(1),
      filter_agent_ids: z.array(z.string()).nullable().optional(),
    }),
    toInput: (accepted) => ({ ...(accepted as unknown as Registration), event_types: oneTypeList(accepted) }),
    status: 201,
    location: (result) => `/v1/infra/webhooks/${result.id}`,
  }),
  route({ method: "get", path: "/v1/infra/webhooks", tool: listWebhooksTool, isUnwrapped: true }),
  route({ method: "delete", path: "/v1/infra/webhooks/:webhook_id", tool: deleteWebhookTool }),
  route({ method: "post", path: "/v1/infra/webhooks/:webhook_id/test", tool: testWebhookTool }),
  route({
    method: "get",
    path: "/v1/infra/webhooks/:webhook_id/deliveries",
    tool: listDeliveriesTool,
    query: z.object({ limit: wholeNumber(50), offset: wholeNumber(0) }),
  }),
];

/** Two names for one field, not to be used together. */
function oneTypeList(accepted: Record<string, unknown>): readonly string[] {
  const { events, event_types: eventTypes } = accepted as { events?: string[]; event_types?: string[] };
  if ((events === undefined) === (eventTypes === undefined))
    throw new Problem(422, "validation-error", "body.events: Field required once");
  return events ?? eventTypes ?? [];
}

/** The secret is shown again and again, and `active` is a number. */
function webhookRow(row: WebhookRow) {
  return {
    id: row.id,
    agent_id: row.agentId,
    url: row.url,
    event_types: row.eventTypes,
    secret: row.secret,
    created_at: seconds(row.createdAtMs),
    active: row.isActive ? 1 : 0,
    filter_agent_ids: row.filterAgentIds,
  };
}

/** No way round for admins here: the owner is whose key made it. */
function ownWebhook(world: World, caller: Caller, id: string): WebhookRow {
  const webhook = world.webhooks.find(id);
  if (!webhook) throw new Problem(404, "webhook-not-found", `Webhook not found: ${id}`);
  if (webhook.agentId !== caller.agentId)
    throw new Problem(403, "forbidden", "Forbidden: not the owner of this webhook");
  return webhook;
}

function refuseSecret(secret: string): void {
  try {
    standardKey(secret);
  } catch (error) {
    throw new Problem(400, "validation-error", error instanceof Error ? error.message : String(error));
  }
}
