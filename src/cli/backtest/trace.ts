import { admit } from "../../detect/admit.ts";
import { admitActivity } from "../../detect/admit-activity.ts";
import { understand } from "../../detect/event.ts";
import { isObject } from "../../detect/events/envelope.ts";
import { eventTypeOf } from "../../detect/events/index.ts";
import type { Mistake } from "../../detect/events/mistake.ts";
import { readTime } from "../../detect/events/time.ts";
import { TourniquetError } from "../../errors.ts";
import type { Delivery, StoredEvent } from "../../incident/inbox.ts";
import { inboxIdentity } from "../../scratch.ts";
import type { Settings } from "../../settings/settings.ts";
import { linesOf } from "./lines.ts";

/** An event as a replay takes it. line: of the file, from 1; of recorded events the how manieth it was. */
export interface Told {
  line: number;
  stored: StoredEvent;
}

/** What was found in a trace, besides its events. */
export interface TraceCounts {
  lines: number;
  events: number;
  /** Told before under the same id, or in the same words within 15 minutes (mission I5). */
  duplicates: number;
  /** Lines that are no event, and the first few of them. */
  bad: number;
  badLines: { line: number; mistake: string }[];
  /** Events that say no time and got that of the event before. */
  withoutTime: number;
  /** Of a type that nobody judges. */
  unknownTypes: number;
}

export const noCounts = (): TraceCounts => ({
  ...{ lines: 0, events: 0, duplicates: 0, bad: 0, badLines: [], withoutTime: 0, unknownTypes: 0 },
});

const NAMED = 10;
/** Ids and bodies that are remembered to tell duplicates: some 100 MB. */
const MOST_REMEMBERED = 1_000_000;
/** Times are kept in 8 digits of base 36 (redis/window-lines.ts). */
const LATEST_MS = 36 ** 8 - 1;

/**
 * The events of a file, understood and deduplicated as intake would, each arriving when it says it happened: a file does not
 * tell when its lines arrived. Throws input-invalid with line and mistake where `strict`, and where no line is an event.
 */
export async function* readTrace(
  path: string,
  options: { settings: Settings; partitions: number; strict: boolean },
  counts: TraceCounts,
): AsyncGenerator<Told> {
  const inbox = createMemory(options.partitions, counts);
  const ports = { inbox, settings: options.settings };
  for await (const { number, bytes } of linesOf(path)) {
    counts.lines += 1;
    const mistake = bytes === null ? "is too long to be a webhook" : await takeIn(ports, bytes);
    const taken = inbox.taken.splice(0);
    if (mistake !== null) {
      counts.bad += 1;
      if (options.strict) throw new TourniquetError("input-invalid", `${path}, line ${number}: ${mistake}`);
      if (counts.badLines.length < NAMED) counts.badLines.push({ line: number, mistake });
    }
    for (const stored of taken) yield { line: number, stored };
  }
  if (counts.events > 0) return;
  const [first] = counts.badLines;
  throw new TourniquetError(
    "input-invalid",
    first ? `${path}: no line is an event; line ${first.line}: ${first.mistake}` : `${path} holds no events`,
  );
}

/** Null, or what is wrong with it. */
async function takeIn(ports: Parameters<typeof admit>[0], rawBody: Buffer): Promise<string | null> {
  try {
    const admission = isTelemetry(rawBody)
      ? await admitActivity(ports, { rawBody, signedId: null })
      : await admit(ports, { rawBody, source: "webhook", signedId: null });
    return "mistakes" in admission ? admission.mistakes.map(inWords).join("; ") : null;
  } catch (error) {
    if (error instanceof TourniquetError && error.code === "input-invalid") return error.message;
    throw error;
  }
}

const inWords = ({ field, problem }: Mistake): string => `${field} ${problem}`;

/** What an agent's own systems tell comes in at POST /webhooks/agent-activity: its four types, alone or in a list. */
const telemetryTypes: ReadonlySet<unknown> = new Set(["tool_call", "output", "error", "auth"]);
const MAY_BE_TELEMETRY = /^\s*\[|"(?:tool_call|output|error|auth|events)"/;

function isTelemetry(rawBody: Buffer): boolean {
  const text = rawBody.toString("utf8");
  if (!MAY_BE_TELEMETRY.test(text)) return false;
  try {
    const body: unknown = JSON.parse(text);
    if (!isObject(body)) return Array.isArray(body);
    const type = body.event_type ?? body.type;
    return telemetryTypes.has(type) || (type === undefined && Array.isArray(body.events));
  } catch (error) {
    // What is no JSON is named by whoever reads it.
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

interface Memory {
  accept(delivery: Delivery): Promise<{ eventId: string; duplicate: boolean; receivedAt: number }>;
  /** What was accepted and is new, in order. */
  taken: StoredEvent[];
}

/** Stands in for the inbox: the same ids and the same duplicates, by the times of the trace. */
function createMemory(partitions: number, counts: TraceCounts): Memory {
  const seen = new Map<string, number>();
  const taken: StoredEvent[] = [];
  let last: number | null = null;
  return {
    taken,
    async accept(delivery) {
      const own = timeOf(delivery);
      const at = own ?? last;
      if (at === null) throw new TourniquetError("input-invalid", "says no time, and no line before it does");
      last = at;
      const { eventId, lifetimeMs } = inboxIdentity(delivery, partitions);
      const before = seen.get(eventId);
      if (before !== undefined && at - before < lifetimeMs) {
        counts.duplicates += 1;
        return { eventId, duplicate: true, receivedAt: before };
      }
      seen.delete(eventId);
      seen.set(eventId, at);
      if (seen.size > MOST_REMEMBERED) seen.delete(seen.keys().next().value!);
      counts.events += 1;
      if (own === null) counts.withoutTime += 1;
      if (eventTypeOf(delivery.type) === undefined) counts.unknownTypes += 1;
      taken.push(storedOf(delivery, eventId, at));
      return { eventId, duplicate: false, receivedAt: at };
    },
  };
}

function timeOf({ raw, source }: Delivery): number | null {
  const understood = understand(raw, source);
  const at = understood.ok ? readTime(understood.envelope, Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
  return at <= LATEST_MS ? at : null;
}

function storedOf({ raw, type, agentId, source }: Delivery, id: string, receivedAt: number): StoredEvent {
  return { id, raw, type, agentId, source, receivedAt, disposition: null, reason: null, verdicts: [] };
}
