import type { Incident, Priority } from "./incident.ts";

/** A channel is one way to reach people; the names of those that exist are the notifiers' (notify/notifiers/index.ts). */
export const channels = ["slack", "pagerduty", "pagerduty-secondary", "webhook"] as const;
export type Channel = (typeof channels)[number];

/** Without acknowledgement for so long, these are told too (N2). */
export interface EscalationLevel {
  afterMs: number;
  to: readonly Channel[];
}

export type EscalationPolicy = Readonly<Partial<Record<Priority, readonly EscalationLevel[]>>>;

/** Escalation of one incident: the policy as it was when it opened, so that later edits change nothing for it (N2). */
export interface Escalation {
  policy: EscalationPolicy;
  /** Whose levels count: the incident's, or the last one that has any; null where nobody was to be told yet. */
  priority: Priority | null;
  /** From when on the waiting counts: when it opened, or when its priority was last raised; Redis time in milliseconds. */
  since: number;
  /** How many levels of `priority` were told. */
  told: number;
  /** Whoever was told over any of these must also hear that it is over. */
  reached: readonly Channel[];
}

/** One level of one incident; level counts from 0. */
export interface LevelRef {
  incidentId: string;
  priority: Priority;
  level: number;
}

export interface Acknowledgement {
  /** Over, unknown: nothing was changed. before: somebody has it already, and keeps it. */
  answer: "acknowledged" | "acknowledged-before" | "over" | "unknown";
  /** Who has it, and since when; Redis time in milliseconds. */
  by: string;
  at: number;
}

/** The timers of all escalations, and who took an incident on. Every answer is decided in Redis, by its clock, in one act. */
export interface Escalations {
  /** Levels due for at least lateMs that were not told, of incidents that nobody has; the longest due first. */
  due(partition: number, lateMs: number, limit: number): Promise<readonly (LevelRef & { agentId: string })[]>;
  /**
   * Counts a level as told, once. told-before: it was counted, and whoever did may have died before telling. in-hand: somebody
   * has it or it is over. raised: the levels of a higher priority count by now.
   */
  tell(
    level: LevelRef,
    to: readonly Channel[],
    detail: Record<string, unknown>,
  ): Promise<"told" | "told-before" | "in-hand" | "raised" | "early" | "unknown">;
  /** Notes once that a level was not told in time; true when it is time to say so aloud again. */
  miss(level: LevelRef, lateMs: number, everyMs: number): Promise<boolean>;
  /** Levels due for at least lateMs, over all partitions. */
  overdue(lateMs: number): Promise<number>;
  acknowledge(incidentId: string, by: string): Promise<Acknowledgement>;
  /**
   * Which incident tells this level for a group; since: from when on the asking one has waited; insteadOf: whoever was answered
   * before, and tells nobody after all.
   */
  claimFor(group: string, level: LevelRef, since: number, insteadOf?: string): Promise<string>;
  /** It will not tell after all. */
  releaseFor(group: string, level: LevelRef): Promise<void>;
  /**
   * Whether what the incident of `level` tells covers these others of its group too. counted: only once it has counted its own
   * level, early before that. handed: it is told in place of one that is in hand. released: it tells nobody of it any more.
   */
  cover(
    level: LevelRef,
    members: readonly string[],
    how: "counted" | "handed",
  ): Promise<"covered" | "early" | "released">;
  /** It is in hand and tells nobody any more, from now on for good; answers whom it covered until now. */
  leave(level: LevelRef): Promise<readonly string[]>;
}

/** A level is missed that nobody was told of so long after its time (N2). */
export const MISSED_AFTER_MS = 60_000;

/** Who is told next, and when, as people are shown it; what counts is decided in Redis. Null: nobody any more. */
export function nextLevel({ escalation, acknowledged, closedAt }: Incident): {
  at: number;
  level: number;
  to: readonly Channel[];
} | null {
  if (escalation === null || escalation.priority === null || acknowledged !== null || closedAt !== null) return null;
  const level = escalation.policy[escalation.priority]?.[escalation.told];
  return level ? { at: escalation.since + level.afterMs, level: escalation.told, to: level.to } : null;
}

/** Open, in earnest, urgent, and nobody has it. */
export function isUnattended({ priority, dryRun, acknowledged, closedAt }: Incident): boolean {
  return !dryRun && acknowledged === null && closedAt === null && (priority === "P0" || priority === "P1");
}
