import { isUtf8 } from "node:buffer";
import { hash } from "node:crypto";
import type { EventSource } from "../incident/event.ts";
import type { Delivery, Inbox } from "../incident/inbox.ts";
import type { Verdict } from "../incident/verdict.ts";
import { type Settings, thresholdsFor } from "../settings/settings.ts";
import { toEvent, type Understood, understand } from "./event.ts";
import type { Mistake } from "./events/mistake.ts";
import { timeAsSent } from "./events/time.ts";
import { judge } from "./judge.ts";
import { callsForContainment, decide } from "./policy.ts";

export interface AdmitPorts {
  inbox: Pick<Inbox, "accept">;
  settings: Settings;
}

/** A body that proved whom it comes from. signedId: the id that its signature covers, where the scheme has one. */
export interface Arrival {
  rawBody: Buffer;
  source: EventSource;
  signedId: string | null;
}

export type Admission =
  | { answer: "accepted" | "duplicate"; eventId: string; receivedAt: number }
  /** malformed: no JSON. invalid: JSON of the wrong shape. Nothing was stored. */
  | { answer: "malformed" | "invalid"; mistakes: readonly Mistake[] };

/** Takes one event in: understood, judged for what it proves alone, durable. Throws redis-unavailable or redis-full. */
export async function admit(ports: AdmitPorts, arrival: Arrival): Promise<Admission> {
  if (!isUtf8(arrival.rawBody)) return notUtf8;
  const raw = arrival.rawBody.toString("utf8");
  const understood = understand(raw);
  if (!understood.ok) return { answer: understood.answer, mistakes: understood.mistakes };
  const identity = identityOf(understood, arrival);
  return store(ports, understood, { raw, source: arrival.source, identity });
}

/** Durable when it resolves. `raw` is the text that understanding came from, which a worker reads again. */
export async function store(
  ports: AdmitPorts,
  understood: Understood,
  from: Pick<Delivery, "raw" | "source" | "identity">,
): Promise<Extract<Admission, { eventId: string }>> {
  const { eventId, duplicate, receivedAt } = await ports.inbox.accept({
    ...from,
    type: understood.envelope.type,
    agentId: understood.agentId,
    feeds: feedsOf(understood, from.source),
    heard: heardOf(understood, from.source),
    ...whatFollows(understood, from, ports.settings, Date.now()),
  });
  return { answer: duplicate ? "duplicate" : "accepted", eventId, receivedAt };
}

/** A ping proves the one webhook that it names, and only where a signature says whom it comes from. */
function feedsOf({ eventType, facts }: Understood, source: EventSource): string | undefined {
  if (facts.kind === "ping") return source === "webhook" ? `test.ping ${facts.webhookId ?? "-"}` : undefined;
  return eventType && `${eventType.names[0]} ${source}`;
}

/** A poller or the bus says nothing of webhooks, and nothing of agents that nobody knows. */
function heardOf({ facts }: Understood, source: EventSource): Delivery["heard"] {
  if (source === "activity") return { what: null };
  if (source !== "webhook") return undefined;
  if (facts.kind === "escrow") return { what: `escrow:${facts.escrowId}` };
  return { what: facts.kind === "budget" ? "budget" : null };
}

export const notUtf8: Extract<Admission, { mistakes: unknown }> = {
  answer: "malformed",
  mistakes: [{ field: "body", problem: "must be JSON in UTF-8" }],
};

export type Following = Pick<Delivery, "decided" | "next" | "verdicts">;

/** What intake does about it. arrivedAt, milliseconds since 1970, stands in for a time that the event lacks. */
export function whatFollows(
  understood: Understood,
  { source, identity }: Pick<Delivery, "source" | "identity">,
  settings: Settings,
  arrivedAt: number,
): Following {
  const follows = understood.eventType?.follows ?? { ignored: "unknown-type" };
  if (follows !== "correlate") return { decided: { disposition: "ignored", reason: follows.ignored }, next: null };
  // What every key can write to proves nothing here; a worker may still tell a person of it.
  const verdicts = source === "bus" ? [] : verdictsOf(understood, identity.value, settings, arrivedAt);
  return { decided: null, next: verdicts.length > 0 ? "freeze" : "correlate", verdicts };
}

/**
 * What must be contained on this event's word alone, without waiting for a worker to judge it (design.md, decision 7).
 * The event has no id before it is stored: `cause` stands in for it in the signal's id, and the inbox names it in `why.events`.
 */
function verdictsOf(understood: Understood, cause: string, settings: Settings, arrivedAt: number): readonly Verdict[] {
  if (understood.eventType?.judge === undefined) return [];
  const thresholds = understood.agentId ? thresholdsFor(settings, understood.agentId) : settings.thresholds;
  const event = toEvent(understood, { id: cause, source: "webhook", receivedAt: arrivedAt });
  return judge(event, thresholds).flatMap((signal) => {
    const answer = decide(signal, settings);
    if (!callsForContainment(answer)) return [];
    return [{ signal: { ...signal, why: { ...signal.why, events: [] } }, tier: answer.tier, decidedBy: answer.reason }];
  });
}

/**
 * What makes two deliveries the same one (G3). A sender's id alone is not enough: ids restart when its database is restored,
 * so type and agent belong to it and, where given, the integrity hash and the time of the event: a redelivery repeats them.
 */
function identityOf(understood: Understood, arrival: Arrival): Delivery["identity"] {
  if (arrival.signedId !== null) return { by: "id", value: `webhook-id\n${arrival.signedId}` };
  const identity = senderIdentity(understood) ?? { by: "body", value: hash("sha256", arrival.rawBody) };
  // What the bus says first must not make a duplicate of the webhook that says it with a signature.
  return arrival.source === "bus" ? { ...identity, value: `bus\n${identity.value}` } : identity;
}

/** Null where the sender gave the event no id of its own. */
export function senderIdentity(understood: Understood): Delivery["identity"] | null {
  const id = senderId(understood);
  if (id === null) return null;
  const { envelope, agentId } = understood;
  const integrity = envelope.top.integrity_hash;
  const time = timeAsSent(envelope);
  return {
    by: "id",
    value: ["event", envelope.type, agentId ?? "", id, typeof integrity === "string" ? integrity : "", time].join("\n"),
  };
}

/** In an escrow event without a payload and without `escrow_id`, `id` is the escrow's: one escrow has many events. */
function senderId({ envelope: { top, payload }, facts }: Understood): string | null {
  const isEscrowId = facts.kind === "escrow" && payload === null && top.escrow_id === undefined;
  const id = top.event_id ?? (isEscrowId ? undefined : top.id);
  if (Number.isSafeInteger(id)) return String(id);
  return typeof id === "string" && id !== "" ? id : null;
}
