import type { PageKind } from "./jobs.ts";
import type { CapsSaid } from "./snapshot.ts";

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
  /** Set with `epoch`, and never changed. Where containment left the caps alone: one rung of 100 percent. */
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

/** What the recovery worker itself keeps beside it. */
export interface KeptRecovery extends Recovery {
  /** Counts the changes: who decided by an older state is told so, and decides again. */
  change: number;
  /** Why the person accepts a reputation that fell; null: they do not. */
  acceptReputation: string | null;
  /** What the rungs below 100 percent are shares of, where both caps from before are none. Decimal strings. */
  namedCaps: { daily: string | null; monthly: string | null } | null;
  /** Caps from before as the person says them, until the recovery begins: then they are kept as those. Decimal strings. */
  saidCaps: { daily: string | null; monthly: string | null } | null;
  /** When the hold was lifted; null until then. */
  begunAt: number | null;
  /** How often the agent had been warned of (`Recoveries.warnings`) by the last that was answered; more is new trouble. */
  warned: number;
  /** R2 as it was then. */
  normalAfterMs: number;
  lookEveryMs: number;
  /** False where containment left the caps alone, and so does this. */
  raisesCaps: boolean;
  /** The rung whose caps are being written; null: those of `rung` were. */
  pending: number | null;
  /** Why the pending rung could not be written at its first try, as people were told; null: it was not tried, or stands. */
  failing: string | null;
  /** relapsed: containment was asked for anew. caps-lowered: by a person. No further rung is taken then; null: it goes on. */
  stopped: "relapsed" | "caps-lowered" | null;
  /** Whom it waits for, as was last noted (R4). */
  waitsFor: readonly string[];
  /** A gate did not pass: it is withdrawn as soon as people are told. */
  isRefused: boolean;
  /** Why containment is still to be asked for anew, which observe-only mode leaves until it is over; null: it was, or need not be. */
  containAnew: string | null;
  /** What people are still to be told of the last change; null: they were. */
  page: { jobId: string; what: PageKind } | null;
}

/** A recovery that was only asked for. */
export const notBegun = {
  ...{ epoch: null, rungs: [], rung: null, rungAt: null, dueAt: null, normalAt: null, stepBacks: 0 },
  ...{ change: 0, acceptReputation: null, namedCaps: null, saidCaps: null, begunAt: null, warned: 0 },
  ...{ normalAfterMs: 0, lookEveryMs: 0 },
  ...{ raisesCaps: false, pending: null, failing: null, stopped: null, waitsFor: [] },
  ...{ isRefused: false, containAnew: null, page: null },
} as const satisfies Partial<KeptRecovery>;

/** A line of the timeline, written in the act that it is about. */
export interface RecoveryEntry {
  what: string;
  detail: Readonly<Record<string, unknown>>;
}

/** The recoveries that are under way. Each change is one act: it is done where the state is still the one it was decided by. */
export interface Recoveries {
  /** Null where none was asked for, or it was withdrawn. */
  load(incidentId: string): Promise<KeptRecovery | null>;
  /** False: the incident is not contained, or being stood down, or somebody has asked before. */
  ask(incidentId: string, recovery: KeptRecovery, entry: RecoveryEntry): Promise<boolean>;
  /**
   * Answers it as it stands now; null: somebody else changed it, it is over, or the incident is being stood down. entry null:
   * nothing that people are shown. unlessWarned: null too where the agent was warned of since `from.warned`.
   */
  change(
    incidentId: string,
    from: KeptRecovery,
    to: Omit<KeptRecovery, "change">,
    entry: RecoveryEntry | null,
    options?: { unlessWarned: boolean },
  ): Promise<KeptRecovery | null>;
  /** The incident is contained and held as if nobody had asked. */
  withdraw(incidentId: string, from: KeptRecovery): Promise<void>;
  /**
   * Lifts the hold and raises the agent's epoch in one act with the change; `to` gets that epoch. Its windows and warnings
   * start anew, as after a stand-down. False as above, or where the agent's epoch moved meanwhile, it was warned of, or the incident
   * has other than so many signals (`joined`), or the snapshot is not the one that the caps said stand instead of.
   */
  begin(
    incidentId: string,
    from: KeptRecovery,
    to: KeptRecovery,
    entry: RecoveryEntry,
    decidedBy: { joined: number; said?: CapsSaid | null },
  ): Promise<boolean>;
  /**
   * Ends the incident. resolved: the snapshot is forgotten and the epoch raised once more. superseded: new trouble holds the
   * agent or moved its epoch; the snapshot stays for that one. stale: as false above,
   * or where the agent was warned of since `from.warned`.
   */
  end(
    incidentId: string,
    from: KeptRecovery,
    entry: RecoveryEntry,
  ): Promise<{ answer: "resolved" | "stale" } | { answer: "superseded"; by: string }>;
  /**
   * How often something was concluded about the agent that speaks against a recovery (incident/trouble.ts), ever since, and by which
   * signal last. The same conclusion counts again where it rests on something newer; a repeated job or a replay does not.
   */
  warnings(agentId: string): Promise<{ times: number; last: string | null }>;
  /** Who took the agent over from this recovery: the newest incident that held it, if that is another one. */
  successor(agentId: string, incidentId: string): Promise<string | null>;
}
