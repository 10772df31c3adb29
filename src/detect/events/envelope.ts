import { isUtf8 } from "node:buffer";
import type { Mistake } from "./event-type.ts";
import { excessOf } from "./json-guard.ts";

type JsonObject = Readonly<Record<string, unknown>>;

/** A body as it came, parsed once: the seed's `{event_type, agent_id, payload}` and the gateway's own forms (mission I1). */
export interface Envelope {
  type: string;
  top: JsonObject;
  /** Null where all fields stand at the top level. */
  payload: JsonObject | null;
  /** What a type we judge must hold against the payload; an unknown type may send what it likes. */
  payloadMistake: Mistake | null;
}

export type EnvelopeReading =
  | { ok: true; envelope: Envelope }
  /** malformed: no JSON (400). invalid: JSON, but no event (422). */
  | { ok: false; answer: "malformed" | "invalid"; mistakes: readonly Mistake[] };

const TYPE = /^[\x21-\x7e]{1,128}$/;

/** The bytes are verified already; nothing in here is logged. */
export function readEnvelope(rawBody: Buffer): EnvelopeReading {
  if (!isUtf8(rawBody)) return refused("malformed", "body", "must be JSON in UTF-8");
  let body: unknown;
  try {
    body = JSON.parse(rawBody.toString("utf8"));
  } catch {
    // V8's message quotes the body, so it stays here.
    return refused("malformed", "body", "must be valid JSON");
  }
  if (!isObject(body)) return refused("invalid", "body", "must be a JSON object");
  const excess = excessOf(body);
  if (excess !== null) return refused("invalid", "body", excess);
  return readObject(body);
}

function readObject(top: JsonObject): EnvelopeReading {
  const type = own(top, "event_type") ?? own(top, "type");
  if (typeof type !== "string" || !TYPE.test(type))
    return refused(
      "invalid",
      "event_type",
      "must name the type of the event (`event_type` or `type`) in at most 128 printable characters without spaces",
    );
  // `data` is where Standard Webhooks senders put it.
  const payload = own(top, "payload") ?? own(top, "data") ?? null;
  if (payload === null || isObject(payload))
    return { ok: true, envelope: { type, top, payload, payloadMistake: null } };
  const payloadMistake = {
    field: own(top, "payload") === undefined ? "data" : "payload",
    problem: "must be an object",
  };
  return { ok: true, envelope: { type, top, payload: null, payloadMistake } };
}

/** A key such as `__proto__` is an ordinary own key after JSON.parse; only own keys are ever read. */
function own(object: JsonObject, name: string): unknown {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  return value === null ? undefined : value;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refused(answer: "malformed" | "invalid", field: string, problem: string): EnvelopeReading {
  return { ok: false, answer, mistakes: [{ field, problem }] };
}
