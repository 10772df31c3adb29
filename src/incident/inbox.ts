import type { Disposition, EventSource } from "./event.ts";
import type { Verdict } from "./verdict.ts";

/** A delivery as it came over the wire, verified and understood enough to route it. */
export interface Delivery {
  raw: string;
  type: string;
  agentId: string | null;
  source: EventSource;
  /** What makes two deliveries the same one: the signed id, the sender's event id, or the body (G3). */
  identity: { by: "id" | "body"; value: string };
  /** Set where no work follows: a ping, a type we do not judge. */
  decided: { disposition: Disposition; reason: string } | null;
  /** What it shows to be alive: "<type> <source>" of a type we know, "test.ping <webhook id, or ->" of a ping (I8). */
  feeds?: string | undefined;
  /**
   * Set where a sender that proved who it is tells of its agent: that one is known and polled from then on, even if no file names
   * it (I7). what: as in Awaited, where a webhook told of it: then it is not missing (I8).
   */
  heard?: { what: string | null } | undefined;
  /** The job that follows; null where decided. */
  next: "freeze" | "correlate" | null;
  /**
   * What this event alone proves and containment shall act on; empty unless next is "freeze". `why.events` is empty: the
   * event has no id before it is stored, so whoever loads it names it there.
   */
  verdicts?: readonly Verdict[];
}

export interface StoredEvent {
  id: string;
  raw: string;
  type: string;
  agentId: string | null;
  source: EventSource;
  receivedAt: number;
  disposition: Disposition | null;
  reason: string | null;
  verdicts: readonly Verdict[];
  /** W3C, of the trace it came in with; undefined where nothing is traced. */
  traceparent?: string | undefined;
}

export interface IntakeStats {
  accepted: number;
  pending: number;
  dispositions: Readonly<Record<Disposition, number>>;
  /** Authentic but invalid, answered 4xx, ever; and how many of them are kept. */
  rejected: number;
  quarantineSize: number;
  /** Age of the oldest pending event in milliseconds, 0 if none. */
  oldestPendingMs: number;
}

/** An authentic delivery that nobody could read (I3). at: Redis time in milliseconds; body: what was kept of it. */
export interface Quarantined {
  /** The how manieth it was, ever. */
  number: number;
  at: number;
  /** What its sender was answered. */
  status: number;
  reason: string;
  body: string;
}

export interface Inbox {
  /** Durable when it resolves (G1): event, dedup key, pending mark and job went out in one round trip. */
  accept(delivery: Delivery): Promise<{ eventId: string; duplicate: boolean; receivedAt: number }>;
  quarantine(entry: { reason: string; status: number; body: string }): Promise<void>;
  /** Newest first, of those that are kept; before: only of smaller numbers. */
  quarantined(which: { limit: number; before: number | null }): Promise<readonly Quarantined[]>;
  load(eventId: string): Promise<StoredEvent | null>;
  /** False if it had a disposition already. occurredAt: when it happened, where known, for the metrics. */
  dispose(eventId: string, disposition: Disposition, reason: string, occurredAt?: number): Promise<boolean>;
  /** What an agent told of itself since then (Redis time in milliseconds), of the last 25 hours; the newest `limit`, oldest first. */
  telemetry(agentId: string, sinceMs: number, limit: number): Promise<readonly StoredEvent[]>;
  stats(): Promise<IntakeStats>;
  /** Pending longer than ageMs, oldest first. */
  overdue(partition: number, ageMs: number, limit: number): Promise<readonly string[]>;
}
