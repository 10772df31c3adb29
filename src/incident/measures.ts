import type { Priority, Status } from "./incident.ts";

/**
 * Spans of time that are counted in the very act that ends them (redis/measures.lua), by upper bounds in milliseconds: whoever
 * measures may be killed right after, and nothing is lost or counted twice.
 *
 * - freeze: from the arrival of what led to an incident until its freeze was known to hold (Q4, G13: 30 s).
 * - containment: the same until it was read back as contained (the rule of 60 s).
 * - detection: from the time that an event carries until it had a disposition, by where it came from.
 */
export const spans = {
  freeze: [50, 100, 200, 300, 500, 750, 1_000, 2_000, 3_000, 5_000, 10_000, 30_000, 60_000],
  containment: [250, 500, 1_000, 2_000, 3_000, 5_000, 10_000, 20_000, 30_000, 45_000, 60_000, 120_000],
  detection: [10, 50, 100, 250, 500, 1_000, 5_000, 15_000, 60_000, 300_000, 900_000, 3_600_000],
} as const;
export type SpanName = keyof typeof spans;

/** How many spans were at most as long as each bound and longer than the one before; the last: longer than any. */
export interface SpanCounts {
  span: SpanName;
  /** Of `detection`: where the event came from; "" of the others. */
  source: string;
  counts: readonly number[];
  totalMs: number;
}

/** Sums in 1e-8 of the gateway's unit, by what became of the escrows. */
export type EscrowSums = Readonly<Record<"held" | "failed" | "recovered" | "lost", bigint>>;

export interface Measured {
  incidents: readonly { status: Status; priority: Priority; count: number }[];
  spans: readonly SpanCounts[];
  /** Escrows of all incidents, and of those that are open. */
  all: EscrowSums;
  open: EscrowSums;
  /** Of the watch worker at agents; whole: budget and escrows were read (I7). */
  looks: { whole: number; partial: number };
}

export interface Measures {
  /** One read a partition, however many incidents there are. Throws redis-unavailable. */
  read(): Promise<Measured>;
}
