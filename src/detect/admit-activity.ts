import { isUtf8 } from "node:buffer";
import { hash, randomUUID } from "node:crypto";
import type { Delivery } from "../incident/inbox.ts";
import { wellFormedJson } from "../incident/well-formed.ts";
import { type Admission, type AdmitPorts, type Arrival, notUtf8, senderIdentity, store } from "./admit.ts";
import { type Understood, understandEntry } from "./event.ts";
import { isObject, type JsonObject } from "./events/envelope.ts";
import type { Mistake } from "./events/mistake.ts";
import { timeAsSent } from "./events/time.ts";

export type ActivityAdmission =
  | { answer: "taken"; isBatch: boolean; entries: readonly Extract<Admission, { eventId: string }>[] }
  | Extract<Admission, { mistakes: unknown }>;

const MOST_ENTRIES = 1_000;
/** So many are on their way to Redis at once: no command waits behind a thousand others and runs into its deadline. */
const AT_ONCE = 100;

/**
 * Takes an agent's telemetry in, one entry or a batch (mission I6). All are read before the first is stored: a batch with a
 * mistake leaves nothing, and its sender is told every one. Throws redis-unavailable or redis-full; some entries may be stored
 * then, and the repeat finds them.
 */
export async function admitActivity(
  ports: AdmitPorts,
  arrival: Pick<Arrival, "rawBody" | "signedId">,
): Promise<ActivityAdmission> {
  const split = entriesOf(arrival.rawBody);
  if ("mistakes" in split) return split;
  const { isBatch } = split;
  const readings = split.entries.map(({ value, raw }) => ({ value, raw, reading: understandEntry(value) }));
  const mistakes = readings.flatMap(({ reading }, index) =>
    reading.ok ? [] : reading.mistakes.map((mistake) => placed(mistake, isBatch ? index : null)),
  );
  if (mistakes.length > 0) return { answer: "invalid", mistakes };
  const entries: Extract<Admission, { eventId: string }>[] = [];
  const placeOf = placesAmongEqual();
  for (let from = 0; from < readings.length; from += AT_ONCE) {
    const some = readings.slice(from, from + AT_ONCE).map(({ value, reading, raw = JSON.stringify(value) }, index) => {
      const understood = reading as Extract<typeof reading, { ok: true }>;
      const identity = identityOf(understood, raw, arrival.signedId, { place: from + index, amongEqual: placeOf(raw) });
      return store(ports, understood, { raw, source: "activity", identity });
    });
    entries.push(...(await Promise.all(some)));
  }
  return { answer: "taken", isBatch, entries };
}

/** raw: its bytes as they came; an entry of a batch has none of its own. */
type Entry = { value: unknown; raw?: string };
type Split = { isBatch: boolean; entries: readonly Entry[] } | Extract<Admission, { mistakes: unknown }>;

/** A batch is a list, or an object that has `events` and is no event itself. */
function entriesOf(rawBody: Buffer): Split {
  if (!isUtf8(rawBody)) return notUtf8;
  const raw = rawBody.toString("utf8");
  let body: unknown;
  try {
    body = JSON.parse(wellFormedJson(raw));
  } catch {
    // V8's message quotes the body, so it stays here.
    return { answer: "malformed", mistakes: [{ field: "body", problem: "must be valid JSON" }] };
  }
  const isWrapped = isObject(body) && body.events !== undefined && (body.event_type ?? body.type) === undefined;
  if (!isWrapped && !Array.isArray(body)) return { isBatch: false, entries: [{ value: body, raw }] };
  const list: unknown = isWrapped ? (body as JsonObject).events : body;
  if (Array.isArray(list) && list.length > 0 && list.length <= MOST_ENTRIES)
    return { isBatch: true, entries: list.map((value) => ({ value })) };
  return {
    answer: "invalid",
    mistakes: [{ field: "events", problem: `must be a list of 1 to ${MOST_ENTRIES} events` }],
  };
}

/** "events[3].details.tool_name"; what is wrong with the entry as a whole is named "events[3]". */
function placed({ field, problem }: Mistake, index: number | null): Mistake {
  if (index === null) return { field, problem };
  return { field: field === "body" ? `events[${index}]` : `events[${index}].${field}`, problem };
}

/**
 * What makes two deliveries of an entry the same (I5): its own id; else the delivery's signed id and its place in it; else
 * what it says, where it says when, and which of its equals it is: a sender that comes again may cut its batches otherwise. An
 * entry with none of these is a new one every time: an agent that calls one tool twice looks no different from a sender that
 * delivers twice.
 */
function identityOf(
  understood: Understood,
  raw: string,
  signedId: string | null,
  { place, amongEqual }: { place: number; amongEqual: number },
): Delivery["identity"] {
  const own = senderIdentity(understood);
  if (own !== null) return own;
  if (signedId !== null) return { by: "id", value: `webhook-id\n${signedId}\n${place}` };
  if (timeAsSent(understood.envelope) === "") return { by: "body", value: `once\n${randomUUID()}` };
  return { by: "id", value: `entry\n${hash("sha256", raw)}\n${amongEqual}` };
}

/** How many entries of the same text came before, in one delivery. */
function placesAmongEqual(): (raw: string) => number {
  const seen = new Map<string, number>();
  return (raw) => {
    const before = seen.get(raw) ?? 0;
    seen.set(raw, before + 1);
    return before;
  };
}
