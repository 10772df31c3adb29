import { createHash } from "node:crypto";
import type { GatewayEvent } from "../incident/event.ts";
import type { Inbox, StoredEvent } from "../incident/inbox.ts";
import type { Signal } from "../incident/signal.ts";

export interface KeptEventPorts {
  inbox: Pick<Inbox, "load">;
  readEvent(stored: StoredEvent): GatewayEvent;
}

/**
 * One event behind a signal. body: as received, since the inbox forgets it after seven days. Its size in bytes and digest stand in
 * past the limit, and for what an agent told of itself: that may carry the very data which left, and evidence is read by many. occurredAt: milliseconds since 1970, null where this version cannot read the event.
 */
export type KeptEvent =
  | { id: string; type: string; source: string; receivedAt: number; occurredAt: number | null; body: string }
  | {
      id: string;
      type: string;
      source: string;
      receivedAt: number;
      occurredAt: number | null;
      bytes: number;
      sha256: string;
    }
  | { id: string; keptIn: string }
  | { id: string; unknown: string };

/** Of one part. An event is at most 64 KB (I3), and a signal names at most 50. */
const MOST_EVENTS = 500;
const MOST_BYTES = 1_048_576;

/** The events that led to the incident, each once and whole; what an earlier part of the evidence holds is only named. */
export async function keepEvents(
  ports: KeptEventPorts,
  signals: readonly Signal[],
  before: Readonly<Record<string, unknown>>,
): Promise<{ events: KeptEvent[]; eventsLeftOut?: number }> {
  const ids = [...new Set(signals.flatMap(({ why }) => why.events))];
  const keptIn = partsOfEvents(before);
  const events: KeptEvent[] = [];
  let bytes = 0;
  for (const id of ids.slice(0, MOST_EVENTS)) {
    const part = keptIn.get(id);
    if (part !== undefined) {
      events.push({ id, keptIn: part });
      continue;
    }
    const stored = await ports.inbox.load(id);
    if (!stored) {
      events.push({ id, unknown: "the inbox does not have it any more" });
      continue;
    }
    const size = Buffer.byteLength(stored.raw);
    const { type, source, receivedAt, raw } = stored;
    const isWhole = source !== "activity" && bytes + size <= MOST_BYTES;
    if (isWhole) bytes += size;
    const about = { id, type, source, receivedAt, occurredAt: timeOf(ports, stored) };
    const sha256 = () => createHash("sha256").update(raw).digest("hex");
    events.push(isWhole ? { ...about, body: raw } : { ...about, bytes: size, sha256: sha256() });
  }
  return ids.length > MOST_EVENTS ? { events, eventsLeftOut: ids.length - MOST_EVENTS } : { events };
}

/** Which part of the evidence holds an event already. */
function partsOfEvents(parts: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  const rows = Object.entries(parts).flatMap(([part, taken]) =>
    eventsIn(taken)
      .filter((event) => "receivedAt" in event)
      .map(({ id }) => [id, part] as const),
  );
  return new Map(rows);
}

/** The events of one part; none where that part holds none. */
export function eventsIn(taken: unknown): readonly KeptEvent[] {
  const { events } = (taken ?? {}) as { events?: unknown };
  return Array.isArray(events) ? events.filter((one) => typeof one === "object" && one !== null) : [];
}

/** Whatever is wrong with a body, or with us who read it, it is evidence all the same. */
function timeOf(ports: KeptEventPorts, stored: StoredEvent): number | null {
  try {
    return ports.readEvent(stored).occurredAt;
  } catch {
    return null;
  }
}
