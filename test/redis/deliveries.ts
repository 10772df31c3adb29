import { randomUUID } from "node:crypto";
import type { Delivery } from "../../src/incident/inbox.ts";

/** A delivery as intake hands it over; what a test is about is given, the rest is made up. */
export function aDelivery(given: Partial<Delivery> = {}): Delivery {
  return {
    raw: '{"event_type":"escrow_state_change"}',
    type: "escrow_state_change",
    agentId: "agent-7",
    source: "webhook",
    identity: { by: "id", value: randomUUID() },
    decided: null,
    next: "correlate",
    ...given,
  };
}
