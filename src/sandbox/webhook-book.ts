import { randomBytes } from "node:crypto";

/** Who wants to hear what, and what became of each delivery. */
export type SignatureScheme = "a2a" | "standard";

export interface WebhookRow {
  id: string;
  agentId: string;
  url: string;
  eventTypes: readonly string[];
  secret: string;
  filterAgentIds: readonly string[] | null;
  /** Ours to choose; the real gateway knows only a2a. */
  scheme: SignatureScheme;
  createdAtMs: number;
  isActive: boolean;
}

export interface DeliveryRow {
  id: number;
  webhookId: string;
  eventType: string;
  /** The exact bytes sent, as text. */
  body: string;
  status: "pending" | "delivered" | "failed";
  attempts: number;
  lastAttemptAtMs: number | null;
  nextRetryAtMs: number | null;
  responseCode: number | null;
  responseBody: string | null;
  createdAtMs: number;
}

export interface WebhookBook {
  register(row: Omit<WebhookRow, "id" | "createdAtMs" | "isActive">): WebhookRow;
  find(id: string): WebhookRow | undefined;
  list(): readonly WebhookRow[];
  /** Who gets an event: by type and, where a filter is set, by the agents the event names at its top level. */
  matching(eventType: string, event: Record<string, unknown>): readonly WebhookRow[];
  openDelivery(webhook: WebhookRow, eventType: string, body: string): DeliveryRow;
  deliveries(webhookId?: string): readonly DeliveryRow[];
  clear(): void;
}

const filterFields = ["agent_id", "payer", "payee", "sender", "recipient"];

export function createWebhookBook(now: () => number): WebhookBook {
  let webhooks: WebhookRow[] = [];
  let deliveries: DeliveryRow[] = [];
  let lastDeliveryId = 0;
  return {
    register(row) {
      const webhook = { ...row, id: `whk-${randomBytes(12).toString("hex")}`, createdAtMs: now(), isActive: true };
      webhooks.push(webhook);
      return webhook;
    },
    find: (id) => webhooks.find((webhook) => webhook.id === id && webhook.isActive),
    list: () => webhooks.filter((webhook) => webhook.isActive),
    matching: (eventType, event) =>
      webhooks.filter(
        (webhook) => webhook.isActive && webhook.eventTypes.includes(eventType) && passesFilter(webhook, event),
      ),
    openDelivery(webhook, eventType, body) {
      lastDeliveryId += 1;
      const delivery = newDelivery(lastDeliveryId, webhook, eventType, body, now());
      deliveries.push(delivery);
      return delivery;
    },
    deliveries: (webhookId) =>
      webhookId === undefined ? deliveries : deliveries.filter((row) => row.webhookId === webhookId),
    clear() {
      // Deliveries still waiting for their turn look at this before they go out.
      for (const webhook of webhooks) webhook.isActive = false;
      webhooks = [];
      deliveries = [];
    },
  };
}

/** An event that names nobody passes every filter. */
function passesFilter({ filterAgentIds }: WebhookRow, event: Record<string, unknown>): boolean {
  if (filterAgentIds === null || filterAgentIds.length === 0) return true;
  const named = filterFields.map((field) => event[field]).filter((value) => typeof value === "string");
  return named.length === 0 || named.some((value) => filterAgentIds.includes(value));
}

function newDelivery(
  id: number,
  webhook: WebhookRow,
  eventType: string,
  body: string,
  createdAtMs: number,
): DeliveryRow {
  return {
    id,
    webhookId: webhook.id,
    eventType,
    body,
    status: "pending",
    attempts: 0,
    lastAttemptAtMs: null,
    nextRetryAtMs: null,
    responseCode: null,
    responseBody: null,
    createdAtMs,
  };
}
