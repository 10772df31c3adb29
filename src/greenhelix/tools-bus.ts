import type { CallOptions, Outcome, WebhookRegistration } from "../incident/gateway.ts";
import { readBusEvents } from "./bus-fields.ts";
import type { Calls } from "./calls.ts";
import { type BusPart, EVENTS_A_PAGE } from "./rest-bus.ts";
import { orNotShown, result, toolCall } from "./tool-call.ts";
import { readEventId, readPing, readRemoval, readWebhook, readWebhooks } from "./webhook-fields.ts";

/** The event bus and the webhooks, in the tools form. */
export function toolsBus(calls: Calls): BusPart {
  return {
    publishEvent(agentId, eventType, payload, actionKey, options) {
      const tool = "publish_event";
      const input = { agent_id: agentId, event_type: eventType, payload };
      return calls.write(toolCall({ tool, agentId, input, actionKey, options }), result(tool, readEventId));
    },

    /** No seed reads the bus; the name is the real gateway's. */
    listEvents(agentId, sinceId, options) {
      const tool = "get_events";
      const call = toolCall({ tool, agentId, input: { since_id: sinceId, limit: EVENTS_A_PAGE }, options });
      return orNotShown(tool, "events", calls.read(call, result(tool, readBusEvents)));
    },

    listWebhooks(agentId, options) {
      const tool = "list_webhooks";
      const call = toolCall({ tool, agentId, input: { agent_id: agentId }, options });
      return orNotShown(tool, "webhooks", calls.read(call, result(tool, readWebhooks)));
    },

    registerWebhook: (agentId, registration, options) => registerEach(calls, agentId, registration, options),

    /** No seed takes one back; the name is the real gateway's. */
    removeWebhook(agentId, webhookId, options) {
      const tool = "delete_webhook";
      const call = toolCall({ tool, agentId, input: { webhook_id: webhookId }, options });
      return calls.write(call, result(tool, readRemoval));
    },

    testWebhook(agentId, webhookId, options) {
      const tool = "test_webhook";
      return calls.write(
        toolCall({ tool, agentId, input: { webhook_id: webhookId }, options }),
        result(tool, readPing),
      );
    },
  };
}

/** This form takes one event type a call. Stopped half way it is unknown, and the list tells; the id is the first one's. */
async function registerEach(
  calls: Calls,
  agentId: string,
  { url, eventTypes, secret }: { url: string; eventTypes: readonly string[]; secret: string },
  options: CallOptions | undefined,
): Promise<Outcome<WebhookRegistration>> {
  const tool = "register_webhook";
  let first: WebhookRegistration | undefined;
  let last: Outcome<WebhookRegistration> | undefined;
  for (const eventType of eventTypes) {
    const input = { agent_id: agentId, event_type: eventType, webhook_url: url, secret };
    last = await calls.write(
      toolCall({ tool, agentId, input, options }),
      result(tool, (body) => readWebhook(body, { url, eventTypes: [eventType] })),
    );
    if (last.outcome !== "done") break;
    first ??= last.value;
  }
  if (last === undefined) throw new RangeError("a webhook needs at least one event type");
  if (last.outcome === "done") return { outcome: "done", value: { ...first!, eventTypes } };
  return first ? { outcome: "unknown", error: last.error } : last;
}
