import { isAgentId } from "../../incident/agent-id.ts";
import type { EventType } from "./event-type.ts";

/** What the gateway sends to prove that a registered address answers. Answered like an event, and never triggers anything. */
export const testPing: EventType = {
  names: ["test.ping"],
  follows: { ignored: "test-ping" },
  read({ top: { webhook_id: id } }) {
    return { ok: true, agentId: null, facts: { kind: "ping", webhookId: isAgentId(id) ? id : null } };
  },
};
