import { TourniquetError } from "../errors.ts";
import { isAgentId } from "../incident/agent-id.ts";
import type { EventFacts, EventSource, GatewayEvent } from "../incident/event.ts";
import type { StoredEvent } from "../incident/inbox.ts";
import { findAgent } from "./events/agent.ts";
import { type Envelope, envelopeOf, readEnvelope } from "./events/envelope.ts";
import type { EventType } from "./events/event-type.ts";
import { eventTypeOf } from "./events/index.ts";
import type { Mistake } from "./events/mistake.ts";
import { readTime } from "./events/time.ts";

/** What a body says, understood; eventType is undefined for a type nobody judges. */
export interface Understood {
  envelope: Envelope;
  eventType: EventType | undefined;
  agentId: string | null;
  facts: EventFacts;
}

export type Understanding =
  | ({ ok: true } & Understood)
  | { ok: false; answer: "malformed" | "invalid"; mistakes: readonly Mistake[] };

/** The one way from a body to facts: at intake, in every worker and for what a poller wrote. */
export function understand(text: string, source?: EventSource): Understanding {
  const reading = readEnvelope(text, source === "activity");
  return reading.ok ? interpret(reading.envelope) : reading;
}

/** One entry of an agent's telemetry, parsed already; its text is understood the same when a worker reads it again. */
export function understandEntry(entry: unknown): Understanding {
  const reading = envelopeOf(entry, true);
  return reading.ok ? interpret(reading.envelope) : reading;
}

function interpret(envelope: Envelope): Understanding {
  const eventType = eventTypeOf(envelope.type);
  if (eventType === undefined) return { ok: true, envelope, eventType, agentId: agentHint(envelope), facts: unknown };
  const facts = eventType.read(envelope);
  if (facts.ok && envelope.payloadMistake === null) return { ...facts, envelope, eventType };
  // With an unreadable payload every field of it is missing too; saying so would only hide the one thing to mend.
  const mistakes = envelope.payloadMistake ? [envelope.payloadMistake] : facts.ok ? [] : facts.mistakes;
  return { ok: false, answer: "invalid", mistakes };
}

const unknown: EventFacts = { kind: "unknown" };

/** For a type we do not judge an agent is nice to know and no reason to refuse. */
function agentHint(envelope: Envelope): string | null {
  const value = findAgent(envelope)?.value;
  return isAgentId(value) ? value : null;
}

/** receivedAt in milliseconds since 1970; it stands in for a time that the event lacks or that cannot be true. */
export function toEvent(
  understood: Understood,
  from: { id: string; source: GatewayEvent["source"]; receivedAt: number },
): GatewayEvent {
  const { envelope, agentId, facts } = understood;
  const occurredAt = readTime(envelope, from.receivedAt);
  return { ...from, type: envelope.type, agentId, occurredAt, facts };
}

/** The same answer every time: the inbox keeps what was received, and this reads it again. Throws `input-invalid`. */
export function readStored(stored: StoredEvent): GatewayEvent {
  const understood = understand(stored.raw, stored.source);
  if (!understood.ok)
    throw new TourniquetError("input-invalid", `the stored event ${stored.id} is not readable`, {
      mistakes: understood.mistakes,
    });
  return toEvent(understood, { id: stored.id, source: stored.source, receivedAt: stored.receivedAt });
}
