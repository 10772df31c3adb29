import type { EscalationPolicy } from "./escalation.ts";
import type { ActionKey, BudgetCaps } from "./gateway.ts";
import type { EscrowRecord, Incident, IncidentView, Phase, Priority, Receipt, Status } from "./incident.ts";
import type { Page, PageOf } from "./page.ts";
import type { Signal } from "./signal.ts";
import type { CapsSaid, Snapshot } from "./snapshot.ts";
import type { IncidentFilter, IncidentSummary } from "./summary.ts";

/**
 * What the phases need from the outside, besides the Gateway. `services.ts` fills these in, over Redis; every method
 * throws TourniquetError redis-unavailable or redis-full, and every write is safe to repeat.
 */

export interface OpenRequest {
  signal: Signal;
  runbook: string;
  priority: Priority;
  decidedBy: string;
  receivedAt: number;
  dryRun: boolean;
  /** Runbooks whose own steps bring the signal about: an incident that asks for these alone is not widened by it. */
  explainedBy?: readonly string[];
  cascadeId?: string | undefined;
  /** Written into the incident as it opens (N2); left out: nobody is woken later. */
  escalation?: EscalationPolicy;
}

export interface Incidents {
  /**
   * `known`: this very signal had opened or joined the open incident before. `answered`: it had opened or joined another one,
   * which is over: nothing was changed (G14). isNews: false where it joined and asks for nothing that was not asked for before; the
   * incident is due to be looked at then, and needs no job of its own.
   */
  open(request: OpenRequest): Promise<{
    answer: "opened" | "joined" | "known" | "answered";
    incidentId: string;
    epoch: number;
    isNews: boolean;
  }>;
  load(incidentId: string): Promise<Incident | null>;
  view(incidentId: string): Promise<IncidentView | null>;
  /** Newest first, over all partitions, each whole: a page of a list has `page`. */
  list(limit: number): Promise<readonly IncidentView[]>;
  /** Newest first, over all partitions. */
  page(which: PageOf & IncidentFilter): Promise<Page<IncidentSummary>>;
  /** Every one that is not over, newest first. */
  allOpen(): Promise<readonly IncidentSummary[]>;
  /** Every agent that ever had one, in no order. */
  agents(): Promise<readonly string[]>;
  signals(incidentId: string): Promise<readonly Signal[]>;
  /** False, and the status that stands, where the table forbids it. */
  setStatus(
    incidentId: string,
    to: Status,
    phase: Phase,
    detail: Record<string, unknown>,
  ): Promise<{ changed: boolean; status: Status }>;
  /** That it was contained at this time (Incident.toAnnounce) has been announced. */
  announced(incidentId: string, at: number): Promise<void>;
  receipts(incidentId: string): Promise<ReadonlyMap<string, Receipt>>;
  /** Answers the receipt that stands: the first one. */
  recordReceipt(incidentId: string, step: string, phase: Phase, result: Record<string, unknown>): Promise<Receipt>;
  note(incidentId: string, phase: Phase, what: string, detail: Record<string, unknown>): Promise<void>;
  /** In the ledger alone: a call that goes out, or what it came to (told-call.ts). */
  tell(incidentId: string, what: string, detail: Record<string, unknown>): Promise<void>;
  /** Sets a time once, by Redis's clock; answers the one that stands. */
  stamp(
    incidentId: string,
    field: "requestedAt" | "effectiveAt" | "walletFrozenAt" | "escrowsCountedAt",
  ): Promise<number>;
  /** Somebody lifted the freeze or spent past it (C3): counted, and the incident is P0 from now on. Answers how often so far. */
  countBreach(incidentId: string, detail: Record<string, unknown>): Promise<number>;
  /** isOnlySeen: by somebody who did not cancel it; what came back or is lost has its reason from whoever did, if he says so. */
  recordEscrows(incidentId: string, escrows: readonly EscrowRecord[], isOnlySeen?: boolean): Promise<void>;
  escrows(incidentId: string): Promise<ReadonlyMap<string, EscrowRecord>>;
  /** Part name -> what was taken; empty until the forensics worker was there. */
  evidence(incidentId: string): Promise<Readonly<Record<string, unknown>>>;
  recordEvidence(incidentId: string, part: string, evidence: Record<string, unknown>): Promise<void>;
  /** Books the next look at an open incident. */
  attend(incidentId: string, inMs: number): Promise<void>;
  takeDue(partition: number, nextLookMs: number, limit: number): Promise<readonly string[]>;
  /**
   * decidedBy: how many signals whoever decides knew of, and the caps from before that they say, kept in the same act.
   * changed: it has other signals by now, other-caps: another snapshot; neither does or keeps anything.
   */
  beginStandDown(
    incidentId: string,
    by: string,
    reason: string,
    decidedBy?: { joined: number; said?: CapsSaid | null },
  ): Promise<{ answer: "begun" | "running" | "over" | "unknown" | "changed" | "other-caps"; epoch: number }>;
}

/** An agent's caps as we know them, and the fence around raising them. */
export interface Caps {
  /** Remembers what the gateway showed while the agent was not held. */
  see(agentId: string, caps: BudgetCaps): Promise<void>;
  snapshot(agentId: string, incidentId: string): Promise<Snapshot | null>;
  /** What `see` remembered last, however old; null if never. */
  lastSeen(agentId: string): Promise<BudgetCaps | null>;
  /** When that was; Redis time in milliseconds. While the agent is held: when they were seen last before. */
  lastSeenAt(agentId: string): Promise<number | null>;
  /** Write-once (G10); null where nothing better is known and the offered caps are our own zero, or the incident does not hold the agent. */
  takeSnapshot(
    agentId: string,
    incidentId: string,
    caps: BudgetCaps,
    source: Snapshot["source"],
  ): Promise<Snapshot | null>;
  /**
   * Replaces a snapshot that was only remembered as this incident opened by what the gateway shows; false where there is none
   * such, or it shows our own zero.
   */
  confirmSnapshot(agentId: string, incidentId: string, caps: BudgetCaps): Promise<boolean>;
  /** An incident of this agent froze its wallet, over or not, and no raise that stands has given it back since. */
  isWalletFrozen(agentId: string): Promise<boolean>;
  /**
   * False: a newer epoch or a hold; do not raise, or set the cap to 0 again (G9). forget: the raise stands, drop the snapshot
   * and that the wallet was frozen; "wallet": only that, it was given back.
   */
  mayRaise(agentId: string, epoch: number, options: { forget: boolean | "wallet" }): Promise<boolean>;
  /**
   * The gate right before a raise leaves (G9, G11). go: it is on its way now, at most ttlMs, and whoever raises later waits for
   * it. no: a newer epoch or a hold. early: dueAt, Redis time in milliseconds, is waitMs away. wait: another write of the cap may
   * still take effect for waitMs.
   */
  beginRaise(
    agentId: string,
    epoch: number,
    raise: { token: string; ttlMs: number; dueAt: number | null; caps: BudgetCaps },
  ): Promise<{ answer: "go" | "no" | "early" | "wait"; waitMs: number }>;
  /**
   * After a raise has landed. stands: where it is the last, its receipt is written, and snapshot and frozen wallet are forgotten,
   * in the same act. held: set the cap to 0 again, then endLowering. overtaken: a newer release waited for this raise and sets the
   * caps itself.
   */
  settleRaise(
    agentId: string,
    epoch: number,
    raise: { token: string; ttlMs: number; last: LastRaise | null },
  ): Promise<"stands" | "held" | "overtaken">;
  /**
   * Before a write that lowers the cap: false where the incident holds the agent no more, else it is on its way, at most ttlMs.
   * action: what the ledger calls it; left out where it says nothing of it.
   */
  beginLowering(agentId: string, incidentId: string, token: string, ttlMs: number, action?: string): Promise<boolean>;
  /** What came of it, for the ledger; unless it may still take effect, it is on its way no more. */
  answerLowering(
    agentId: string,
    incidentId: string,
    token: string,
    answer: Record<string, unknown>,
    mayStillLand: boolean,
  ): Promise<void>;
  endLowering(agentId: string, token: string): Promise<void>;
  /** The raise whose end nobody knows, as long as it may take effect and a little longer; null: none. */
  lateRaise(agentId: string): Promise<LateRaise | null>;
  /** Milliseconds until no write of the cap but `own` can take effect any more; 0: none is on its way. A raise waits for it (G9). */
  loweringLeft(agentId: string, own?: string): Promise<number>;
}

/** The receipt of a raise after which nothing is raised for this incident. */
export interface LastRaise {
  incidentId: string;
  step: string;
  result: Readonly<Record<string, unknown>>;
}

/** A raise that left and was never settled: what it would set, under which token. */
export interface LateRaise extends Pick<BudgetCaps, "dailyCap" | "monthlyCap"> {
  token: string;
}

export type Claim =
  | { answer: "go" | "verify"; fence: number }
  | { answer: "busy"; waitMs: number }
  | { answer: "done"; result: Readonly<Record<string, unknown>> };

/** The rate limit of the gateway key that acts for an agent, shared by every process that uses it. */
export interface Pace {
  /** Waits for the key's turn; `urgent` takes its turn at once and lets the others wait the longer. */
  turn(agentId: string, options: { urgent: boolean; signal?: AbortSignal | undefined }): Promise<void>;
}

/** The ledger of actions (G7, G12). */
export interface Actions {
  /** incidentId: whose ledger tells of it. */
  claim(
    agentId: string,
    action: ActionKey,
    owner: string,
    leaseMs: number,
    graceMs: number,
    incidentId?: string,
  ): Promise<Claim>;
  /** False: the fence has moved on, this worker's result does not count. */
  finish(
    agentId: string,
    action: ActionKey,
    fence: number,
    end: "done" | "retry",
    result: Record<string, unknown>,
  ): Promise<boolean>;
}

/** What every flow logs through: one wide line per job and per step, past tense. */
export interface Log {
  info(fields: Record<string, unknown>, what: string): void;
  warn(fields: Record<string, unknown>, what: string): void;
  error(fields: Record<string, unknown>, what: string): void;
}

/** Time as Redis has it, in milliseconds since 1970; and a wait that a stopping worker cuts short. */
export interface Clock {
  now(): Promise<number>;
  wait(ms: number, signal?: AbortSignal): Promise<void>;
}
