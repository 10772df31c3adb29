import type { EventType } from "./event-type.ts";

/** What the gateway sends to prove that a registered address answers. Answered like an event, and never triggers anything. */
export const testPing: EventType = {
  names: ["test.ping"],
  follows: { ignored: "test-ping" },
  read: () => ({ ok: true, agentId: null, facts: { kind: "ping" } }),
};
