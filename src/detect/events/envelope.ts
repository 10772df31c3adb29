import { excessOf } from "./json-guard.ts";
import type { Mistake } from "./mistake.ts";

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

/** Whoever has bytes makes sure first that they are UTF-8: decoding would replace what is not. Nothing in here is logged. */
export function readEnvelope(text: string): EnvelopeReading {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // V8's message quotes the body, so it stays here.
    return refused("malformed", "body", "must be valid JSON");
  }
  if (!isObject(body)) return refused("invalid", "body", "must be a JSON object");
  const excess = excessOf(body);
  if (excess !== null) return refused("invalid", "body", excess);
  return readObject(body);
}

/** Keys such as `__proto__` are ordinary own keys after JSON.parse, and none of our names is on Object.prototype. */
function readObject(top: JsonObject): EnvelopeReading {
  const type = top.event_type ?? top.type;
  if (typeof type !== "string" || !TYPE.test(type))
    return refused(
      "invalid",
      "event_type",
      "must name the type of the event (`event_type` or `type`) in at most 128 printable characters without spaces",
    );
  // `data` is where Standard Webhooks senders put it.
  const payload = top.payload ?? top.data ?? null;
  if (payload === null || isObject(payload))
    return { ok: true, envelope: { type, top, payload, payloadMistake: null } };
  const payloadMistake = {
    field: (top.payload ?? null) === null ? "data" : "payload",
    problem: "must be an object",
  };
  return { ok: true, envelope: { type, top, payload: null, payloadMistake } };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refused(answer: "malformed" | "invalid", field: string, problem: string): EnvelopeReading {
  return { ok: false, answer, mistakes: [{ field, problem }] };
}
