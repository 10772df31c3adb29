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

/** What makes an agent heard of, and asks for nothing. */
export const tellingOf = (agentId: string): Delivery =>
  aDelivery({
    agentId,
    heard: { what: null },
    decided: { disposition: "ignored", reason: "unknown-type" },
    next: null,
  });
