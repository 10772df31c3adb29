import type { Escalation } from "./escalation.ts";
import type { Recovery } from "./recovery.ts";
import type { Signal } from "./signal.ts";

/** Priority of an incident (mission P2): P0 active loss or breach, P1 possible fraud, P2 quality or budget, P3 log only. */
export const priorities = ["P0", "P1", "P2", "P3"] as const;
export type Priority = (typeof priorities)[number];

export type Phase = "detect" | "contain" | "recover" | "learn";

/**
 * The legal transitions, the whole table: what is not here cannot happen. An incident without a way out is over. observed: a
 * dry run (P5), everything decided and recorded, nothing done.
 */
export const transitions = {
  detected: ["containing", "observed", "stood-down"],
  observed: ["containing", "resolved", "stood-down"],
  containing: ["contained", "stood-down"],
  contained: ["containing", "recovering", "stood-down"],
  // New trouble meanwhile opens an incident of its own, which takes this one's place.
  recovering: ["resolved", "stood-down"],
  resolved: [],
  "stood-down": [],
} as const satisfies Record<string, readonly string[]>;
export type Status = keyof typeof transitions;

/** The statuses from which `to` may be reached; redis/incidents.ts hands them to the script that does the change. */
export function statusesBefore(to: Status): Status[] {
  return (Object.keys(transitions) as Status[]).filter((from) => (transitions[from] as readonly string[]).includes(to));
}

export function isOver(status: Status): boolean {
  return transitions[status].length === 0;
}

/** One line of what happened, in the order it was recorded; at is Redis time in milliseconds. */
export interface TimelineEntry {
  at: number;
  phase: Phase;
  what: string;
  detail: Readonly<Record<string, unknown>>;
}

/** What a done step returned; the first one stays (design.md, decision 8). */
export interface Receipt {
  step: string;
  at: number;
  result: Readonly<Record<string, unknown>>;
}

/** What became of one escrow in this incident. Amount is a decimal string. */
export interface EscrowRecord {
  escrowId: string;
  payee: string;
  amount: string;
  result: "held" | "recovered" | "lost" | "skipped" | "failed";
  reason: string;
}

/** Decimal strings. locked = held by the agent's escrows when we first saw them; recovered and lost are what became of it. */
export interface Dollars {
  locked: string;
  recovered: string;
  lost: string;
}

export interface Incident {
  id: string;
  agentId: string;
  status: Status;
  priority: Priority;
  /** The one whose priority the incident has. */
  runbook: string;
  /** All that its signals asked for, in the order they joined: what is done is their union (C4: the scope expands). */
  runbooks: readonly string[];
  /** Nothing is done to the gateway or the agent (P5). */
  dryRun: boolean;
  cascadeId: string | null;
  /** The fence number this incident was opened under: every write to the agent's budget carries it. */
  epoch: number;
  /** When the webhook that it is acted on for was received, and every clock counts from; Redis time in milliseconds, as are all below. */
  receivedAt: number;
  /** Where it was a dry run first: when the webhook came from which on it was only watched, until that of receivedAt. */
  observedFrom: number | null;
  openedAt: number;
  /** When the freeze was first asked of the gateway, and when the gateway was first known to hold it (C3: two different things). */
  requestedAt: number | null;
  effectiveAt: number | null;
  containedAt: number | null;
  /** When all pages of its escrows were read for the first time; null: its dollars are what was seen so far, and 0 says nothing. */
  escrowsCountedAt: number | null;
  /** When it was contained last, while that is still to be announced (C5); null: it was. */
  toAnnounce: number | null;
  /** Set when the ladder of the hold ended in a wallet freeze (C3). */
  walletFrozenAt: number | null;
  closedAt: number | null;
  /** The policy line that decided (issue of trust: an engineer asks it first). */
  decidedBy: string;
  /** When the last signal joined; when it was opened, where none did. */
  joinedAt: number;
  /** How many signals opened or joined it. Of those that say the same only the first 100 are kept whole. */
  signalCount: number;
  /** How often the freeze had to be put back because somebody lifted it. */
  reassertions: number;
  /** Set when a person asked for stand-down and it is not finished. */
  standDown: { by: string; reason: string; askedAt: number } | null;
  /** Set when a person asked for recovery (R1). */
  recovery: Recovery | null;
  /** Resolved, but not because it was mended: this incident of the same agent took its place (R3). */
  supersededBy: string | null;
  /** The incident whose recovery was under way as this one opened, and which it takes the place of (R3). */
  supersedes: string | null;
  /** Whom to wake next, as policy was when it opened (N2); null where nobody is woken. */
  escalation: Escalation | null;
  /** Who took it on, by acknowledging it or by asking for stand-down or recovery; stops escalation for good (N2). */
  acknowledged: { by: string; at: number } | null;
}

export interface IncidentView extends Incident {
  dollars: Dollars;
  signals: readonly Signal[];
  steps: readonly StepView[];
  timeline: readonly TimelineEntry[];
  escrows: readonly EscrowRecord[];
}

export interface StepView {
  step: string;
  status: "done" | "failed";
  at: number | null;
  result: Readonly<Record<string, unknown>> | null;
}
