import { z } from "zod";
import type { WebhookRegistration } from "../incident/gateway.ts";
import { id, listIn, named, number, readAs, record } from "./fields.ts";

const webhookShape = z.object({
  id,
  url: z.string(),
  eventTypes: z.array(z.string()),
  // The real gateway writes 1 and 0.
  active: z.union([z.boolean(), z.number().transform((flag) => flag !== 0)]).catch(true),
  onlyAgents: z
    .array(z.string())
    .nullable()
    .catch(null)
    .transform((agents) => (agents?.length === 0 ? null : agents)),
});

/** Answers repeat the secret; only these five fields leave here. */
export function readWebhook(body: unknown, sent?: { url: string; eventTypes: readonly string[] }): WebhookRegistration {
  const row = readAs(record, body, "webhook");
  const single = typeof row.event_type === "string" ? [row.event_type] : undefined;
  return readAs(
    webhookShape,
    {
      id: named(row, "id", "webhook_id"),
      url: named(row, "url", "webhook_url") ?? sent?.url,
      eventTypes: named(row, "event_types", "events") ?? single ?? sent?.eventTypes,
      active: row.active,
      onlyAgents: row.filter_agent_ids ?? null,
    },
    "webhook",
  );
}

export function readWebhooks(body: unknown): readonly WebhookRegistration[] {
  return listIn(body, "list_webhooks", "webhooks", "items").map((row) => readWebhook(row));
}

/** 200 with `deleted: false` took nothing back. */
export function readRemoval(body: unknown): { removed: boolean } {
  return { removed: readAs(record, body, "delete_webhook").deleted !== false };
}

const pingShape = z.object({ status: z.string().catch(""), code: number.optional().catch(undefined) });

/** The gateway answers 200 even when the receiver failed; "delivered" is its only word for arrived. */
export function readPing(body: unknown): { delivered: boolean; responseCode: number | undefined } {
  const row = readAs(record, body, "test_webhook");
  const { status, code } = readAs(pingShape, { status: row.status, code: row.response_code }, "test_webhook");
  return { delivered: status === "delivered" || row.delivered === true, responseCode: code };
}

/** The id of a published event; empty where the gateway numbers none, which is no reason to publish it again. */
export function readEventId(body: unknown): { eventId: string } {
  const found = id.safeParse(named(readAs(record, body, "publish_event"), "event_id", "id"));
  return { eventId: found.data ?? "" };
}
