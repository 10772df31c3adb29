/** What may change besides incidents. fleet: who is held, silences, breakers, a shutdown, what waits for a person's word. */
export const topics = ["fleet", "dead-letters", "tunings", "drills", "settings", "audit"] as const;
export type Topic = (typeof topics)[number];

/** That it changed, not how: whoever watches reads it anew. at: Redis time in milliseconds. */
export type Change = { at: number } & ({ what: "incident"; incidentId: string } | { what: Topic });

/** How far somebody has read, in each part of the store that has a clock of its own. Redis time in milliseconds. */
export type ReadUntil = readonly number[];

/** Changes are kept for an hour, each thing's last one alone. */
export interface Changes {
  /** For what no script of the store tells by itself. */
  mark(topic: Topic): Promise<void>;
  /** Where reading begins for whoever wants only what is still to come. */
  now(): Promise<ReadUntil>;
  /**
   * Oldest first. What changed in the very last millisecond is told once more by the next call, so that nothing is told too late.
   * isWhole false: it is longer ago than changes are kept, or there are more than anybody reads one by one.
   */
  since(from: ReadUntil | number): Promise<{ changes: readonly Change[]; until: ReadUntil; isWhole: boolean }>;
}
