import type { Envelope } from "./envelope.ts";
import { type Found, findIn } from "./fields.ts";

/** A clock ahead of ours by more than this is wrong, and an event cannot be newer than its arrival by as much. */
const FUTURE_TOLERANCE_MS = 5 * 60_000;
/** Before the gateway existed: a sender whose clock was reset, not an old event. 2020-01-01. */
const EARLIEST_MS = 1_577_836_800_000;
/** Seconds stay below this until the year 5138; milliseconds passed it in 1973. */
const MILLISECONDS_FROM = 100_000_000_000;

const NUMBER = /^\d{1,16}(?:\.\d{1,20})?$/;
const ISO = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?$/i;

/**
 * When the event happened, milliseconds since 1970: `timestamp` or `created_at` in seconds, milliseconds or ISO (mission I1).
 * A time that cannot be true counts as the time of arrival: a warning must not be lost over a sender's clock.
 */
export function readTime(envelope: Envelope, receivedAt: number): number {
  const found = findTime(envelope);
  const at = found === null ? undefined : parseTime(found.value);
  const isCredible = at !== undefined && at >= EARLIEST_MS && at <= receivedAt + FUTURE_TOLERANCE_MS;
  return isCredible ? at : receivedAt;
}

/** The event's time in the sender's own words, "" if it gives none: two events of one id that say different times are two events. */
export function timeAsSent(envelope: Envelope): string {
  return String(findTime(envelope)?.value ?? "");
}

/** `timestamp` is the event's wherever it stands; a payload's `created_at` may be older than what happened, so it comes last. */
function findTime({ top, payload }: Envelope): Found | null {
  return (
    findIn(top, ["timestamp"], "") ??
    findIn(payload, ["timestamp"], "payload.") ??
    findIn(top, ["created_at"], "") ??
    findIn(payload, ["created_at"], "payload.")
  );
}

function parseTime(value: unknown): number | undefined {
  if (typeof value === "number") return fromNumber(value);
  if (typeof value !== "string") return undefined;
  if (NUMBER.test(value)) return fromNumber(Number(value));
  const iso = ISO.exec(value);
  if (!iso) return undefined;
  // The gateway's bus writes UTC without saying so; Date.parse would take it for local time.
  const at = Date.parse(iso[1] === undefined ? `${value}Z` : value);
  return Number.isNaN(at) ? undefined : at;
}

function fromNumber(value: number): number {
  return Math.round(value < MILLISECONDS_FROM ? value * 1000 : value);
}
