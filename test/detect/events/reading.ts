import { readStored, understand } from "../../../src/detect/event.ts";
import type { StoredEvent } from "../../../src/incident/inbox.ts";

export const RECEIVED_AT = Date.UTC(2026, 10, 20, 2, 47);

/** The event that a body becomes, as a worker reads it. */
export function read(body: unknown) {
  const stored: StoredEvent = {
    id: "evt-0-test",
    raw: JSON.stringify(body),
    type: "",
    agentId: null,
    source: "webhook",
    receivedAt: RECEIVED_AT,
    disposition: null,
    reason: null,
    verdicts: [],
  };
  return readStored(stored);
}

/** The fields a body is refused for, sorted; none if it is taken. */
export function mistakesIn(body: unknown): string[] {
  const understood = understand(JSON.stringify(body));
  return understood.ok ? [] : understood.mistakes.map(({ field }) => field).sort();
}
