import { wellFormedJson } from "../../incident/well-formed.ts";
import { excessOf, gatewayLimits, telemetryLimits } from "./json-guard.ts";
import type { Mistake } from "./mistake.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** A body as it came, parsed once: the seed's `{event_type, agent_id, payload}` and the gateway's own forms (mission I1). */
export interface Envelope {
  type: string;
  top: JsonObject;
  /** Null where all fields stand at the top level. */
  payload: JsonObject | null;
  /** What the sender called it: a mistake is named as the sender would look for it. */
  payloadName: string;
  /** What a type we judge must hold against the payload; an unknown type may send what it likes. */
  payloadMistake: Mistake | null;
}

export type EnvelopeReading =
  | { ok: true; envelope: Envelope }
  /** malformed: no JSON (400). invalid: JSON, but no event (422). */
  | { ok: false; answer: "malformed" | "invalid"; mistakes: readonly Mistake[] };

/** What an agent's own telemetry tells (mission I6); its fields stand in `details`, as the second seed has it. */
const telemetryTypes: ReadonlySet<unknown> = new Set(["tool_call", "output", "error", "auth"]);
/** `data` is where Standard Webhooks senders put it. */
const gatewayPayloads = ["payload", "data"] as const;
const telemetryPayloads = ["details", "payload", "data"] as const;

const TYPE = /^[\x21-\x7e]{1,128}$/;

/** Whoever has bytes makes sure first that they are UTF-8: decoding would replace what is not. Nothing in here is logged. */
export function readEnvelope(text: string, isTelemetry = false): EnvelopeReading {
  let body: unknown;
  try {
    body = JSON.parse(wellFormedJson(text));
  } catch {
    // V8's message quotes the body, so it stays here.
    return refused("malformed", "body", "must be valid JSON");
  }
  return envelopeOf(body, isTelemetry);
}

/** isTelemetry: whatever its type, it came from an agent's own reporting, where long texts are nothing unusual. */
export function envelopeOf(body: unknown, isTelemetry: boolean): EnvelopeReading {
  if (!isObject(body)) return refused("invalid", "body", "must be a JSON object");
  const isOfTelemetry = telemetryTypes.has(body.event_type ?? body.type);
  const excess = excessOf(body, isTelemetry || isOfTelemetry ? telemetryLimits : gatewayLimits);
  if (excess !== null) return refused("invalid", "body", excess);
  return readObject(body, isOfTelemetry ? telemetryPayloads : gatewayPayloads);
}

/** Keys such as `__proto__` are ordinary own keys after JSON.parse, and none of our names is on Object.prototype. */
function readObject(top: JsonObject, payloads: readonly string[]): EnvelopeReading {
  const type = top.event_type ?? top.type;
  if (typeof type !== "string" || !TYPE.test(type))
    return refused(
      "invalid",
      "event_type",
      "must name the type of the event (`event_type` or `type`) in at most 128 printable characters without spaces",
    );
  const payloadName = payloads.find((name) => (top[name] ?? null) !== null) ?? "payload";
  const payload = top[payloadName] ?? null;
  if (payload === null || isObject(payload))
    return { ok: true, envelope: { type, top, payload, payloadName, payloadMistake: null } };
  const payloadMistake = { field: payloadName, problem: "must be an object" };
  return { ok: true, envelope: { type, top, payload: null, payloadName, payloadMistake } };
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refused(answer: "malformed" | "invalid", field: string, problem: string): EnvelopeReading {
  return { ok: false, answer, mistakes: [{ field, problem }] };
}
