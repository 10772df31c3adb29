/** The gates of a recovery, in their order (R1). */
export const gates = ["root-cause", "identity-and-reputation", "conservative-budget"] as const;
export type GateName = (typeof gates)[number];

/** One rung of the ramp (R2): what the caps are from `afterMs` after the first one on. */
export interface Rung {
  afterMs: number;
  percent: number;
  /** floor(caps from before x percent), computed once (G11). Decimal strings; null: uncapped. */
  dailyCap: string | null;
  monthlyCap: string | null;
}

/** The recovery of one incident. Times are Redis time in milliseconds. */
export interface Recovery {
  /** The named person, and what they say was wrong and how it was mended (R1). */
  by: string;
  rootCause: string;
  fix: string;
  askedAt: number;
  /** Those that passed, with what was found. */
  gates: Readonly<Partial<Record<GateName, { at: number; found: Readonly<Record<string, unknown>> }>>>;
  /** The fence number that every raise of this recovery carries (R3); null until the agent is let go of. */
  epoch: number | null;
  /** Set with `epoch`, and never changed. */
  rungs: readonly Rung[];
  /** Index of the rung that stands; null before the first. */
  rung: number | null;
  rungAt: number | null;
  /** When the next rung may be taken; null where there is none. */
  dueAt: number | null;
  /** When watching is as on other days again, and the incident resolved. */
  normalAt: number | null;
  stepBacks: number;
}
