import type { Gateway } from "../incident/gateway.ts";
import { path } from "../outbound/path.ts";
import { readBusEvents } from "./bus-fields.ts";
import type { Calls } from "./calls.ts";
import { readEventId, readPing, readRemoval, readWebhook, readWebhooks } from "./webhook-fields.ts";

export type BusPart = Pick<
  Gateway,
  "publishEvent" | "listEvents" | "listWebhooks" | "registerWebhook" | "removeWebhook" | "testWebhook"
>;

/** The gateway gives as many as asked; 64 KB at the usual size. */
export const EVENTS_A_PAGE = 200;

/** The event bus and the webhooks, over the REST routes. Every key of every tenant reads the bus: publish nothing secret. */
export function restBus(calls: Calls): BusPart {
  return {
    /** The agent goes into source and payload: at the top of the body it is refused. */
    publishEvent(agentId, eventType, payload, actionKey, options) {
      const at = path`/v1/infra/events`;
      const body = { event_type: eventType, source: agentId, payload: { ...payload, agent_id: agentId } };
      return calls.write(
        { tool: "publish_event", agentId, method: "POST", path: at, body, actionKey, options },
        readEventId,
      );
    },

    listEvents(agentId, sinceId, options) {
      const at = path`/v1/infra/events`;
      const query = { since_id: sinceId, limit: EVENTS_A_PAGE };
      return calls.read({ tool: "get_events", agentId, method: "GET", path: at, query, options }, readBusEvents);
    },

    listWebhooks(agentId, options) {
      const at = path`/v1/infra/webhooks`;
      return calls.read({ tool: "list_webhooks", agentId, method: "GET", path: at, options }, readWebhooks);
    },

    /** Makes a new registration each time: list first. */
    registerWebhook(agentId, { url, eventTypes, secret }, options) {
      const at = path`/v1/infra/webhooks`;
      const body = { url, event_types: eventTypes, secret };
      return calls.write({ tool: "register_webhook", agentId, method: "POST", path: at, body, options }, (answer) =>
        readWebhook(answer, { url, eventTypes }),
      );
    },

    removeWebhook(agentId, webhookId, options) {
      const at = path`/v1/infra/webhooks/${webhookId}`;
      return calls.write({ tool: "delete_webhook", agentId, method: "DELETE", path: at, options }, readRemoval, {
        removed: true,
      });
    },

    testWebhook(agentId, webhookId, options) {
      const at = path`/v1/infra/webhooks/${webhookId}/test`;
      return calls.write({ tool: "test_webhook", agentId, method: "POST", path: at, options }, readPing);
    },
  };
}
