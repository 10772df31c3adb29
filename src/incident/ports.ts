import type { Disposition, EventSource } from "./event.ts";
import type { ActionKey, BudgetCaps } from "./gateway.ts";
import type { EscrowRecord, Incident, IncidentView, Phase, Priority, Receipt, Status } from "./incident.ts";
import type { Money } from "./money.ts";
import type { Signal } from "./signal.ts";

/**
 * What the phases need from the outside, besides the Gateway. `services.ts` fills these in, over Redis; every method
 * throws TourniquetError redis-unavailable or redis-full, and every write is safe to repeat.
 */

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
  /** The job that follows; null where decided. */
  next: "freeze" | "correlate" | null;
  /**
   * What this event alone proves and containment shall act on; empty unless next is "freeze". `why.events` is empty: the
   * event has no id before it is stored, so whoever loads it names it there.
   */
  verdicts?: readonly Verdict[];
}

/** A signal and the policy line that sent it to containment: what detection hands over. */
export interface Verdict {
  signal: Signal;
  decidedBy: string;
  /** The event that was first to conclude it and answers for it; absent where the event itself carries its verdict. */
  eventId?: string;
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

export interface Inbox {
  /** Durable when it resolves (G1): event, dedup key, pending mark and job went out in one round trip. */
  accept(delivery: Delivery): Promise<{ eventId: string; duplicate: boolean; receivedAt: number }>;
  quarantine(entry: { reason: string; status: number; body: string }): Promise<void>;
  load(eventId: string): Promise<StoredEvent | null>;
  /** False if it had a disposition already. */
  dispose(eventId: string, disposition: Disposition, reason: string): Promise<boolean>;
  stats(): Promise<IntakeStats>;
  /** Pending longer than ageMs, oldest first. */
  overdue(partition: number, ageMs: number, limit: number): Promise<readonly string[]>;
}

export interface OpenRequest {
  signal: Signal;
  runbook: string;
  priority: Priority;
  decidedBy: string;
  receivedAt: number;
}

export interface Incidents {
  /** `known`: this very signal had opened or joined it before. */
  open(request: OpenRequest): Promise<{ answer: "opened" | "joined" | "known"; incidentId: string; epoch: number }>;
  load(incidentId: string): Promise<Incident | null>;
  view(incidentId: string): Promise<IncidentView | null>;
  /** Newest first, over all partitions. */
  list(limit: number): Promise<readonly IncidentView[]>;
  signals(incidentId: string): Promise<readonly Signal[]>;
  /** False, and the status that stands, where the table forbids it. */
  setStatus(
    incidentId: string,
    to: Status,
    phase: Phase,
    detail: Record<string, unknown>,
  ): Promise<{ changed: boolean; status: Status }>;
  receipts(incidentId: string): Promise<ReadonlyMap<string, Receipt>>;
  /** Answers the receipt that stands: the first one. */
  recordReceipt(incidentId: string, step: string, phase: Phase, result: Record<string, unknown>): Promise<Receipt>;
  note(incidentId: string, phase: Phase, what: string, detail: Record<string, unknown>): Promise<void>;
  /** Sets a time once, by Redis's clock; answers the one that stands. */
  stamp(incidentId: string, field: "requestedAt" | "effectiveAt" | "walletFrozenAt"): Promise<number>;
  /** Somebody lifted the freeze or spent past it (C3): counted, and the incident is P0 from now on. Answers how often so far. */
  countBreach(incidentId: string, detail: Record<string, unknown>): Promise<number>;
  recordEscrows(incidentId: string, escrows: readonly EscrowRecord[]): Promise<void>;
  escrows(incidentId: string): Promise<ReadonlyMap<string, EscrowRecord>>;
  /** Part name -> what was taken; empty until the forensics worker was there. */
  evidence(incidentId: string): Promise<Readonly<Record<string, unknown>>>;
  recordEvidence(incidentId: string, part: string, evidence: Record<string, unknown>): Promise<void>;
  /** Books the next look at an open incident. */
  attend(incidentId: string, inMs: number): Promise<void>;
  takeDue(partition: number, nextLookMs: number, limit: number): Promise<readonly string[]>;
  beginStandDown(
    incidentId: string,
    by: string,
    reason: string,
  ): Promise<{ answer: "begun" | "running" | "over" | "unknown"; epoch: number }>;
}

export interface Snapshot extends BudgetCaps {
  source: "last-seen" | "gateway" | "configured" | "unknown";
  at: number;
}

/** An agent's caps as we know them, and the fence around raising them. */
export interface Caps {
  /** Remembers what the gateway showed while the agent was not held. */
  see(agentId: string, caps: BudgetCaps): Promise<void>;
  snapshot(agentId: string, incidentId: string): Promise<Snapshot | null>;
  /** What `see` remembered last, however old; null if never. */
  lastSeen(agentId: string): Promise<BudgetCaps | null>;
  /** Write-once (G10); null where the offered caps are our own zero and nothing better is known. */
  takeSnapshot(
    agentId: string,
    incidentId: string,
    caps: BudgetCaps,
    source: Snapshot["source"],
  ): Promise<Snapshot | null>;
  /** False: a newer epoch or a hold; do not raise, or set the cap to 0 again (G9). forget: the raise stands, drop the snapshot. */
  mayRaise(agentId: string, epoch: number, options: { forget: boolean }): Promise<boolean>;
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
  claim(agentId: string, action: ActionKey, owner: string, leaseMs: number, graceMs: number): Promise<Claim>;
  /** False: the fence has moved on, this worker's result does not count. */
  finish(
    agentId: string,
    action: ActionKey,
    fence: number,
    end: "done" | "retry",
    result: Record<string, unknown>,
  ): Promise<boolean>;
}

/** One opened escrow as the windows keep it. Amount is a decimal string and `units` the same in 1e-8. */
export interface WindowEntry {
  escrowId: string;
  payee: string;
  amount: string;
  at: number;
  eventId: string;
}

export interface WindowView {
  entries: readonly WindowEntry[];
  /** Principal opened per minute since 1970/60 s, the current ones included. */
  principalByMinute: ReadonlyMap<number, Money>;
  epoch: number;
  openIncident: string | null;
  capsSeenAt: number | null;
}

export interface Windows {
  /** Adds the escrow once, however often it is delivered, and answers everything near it in time. */
  observeEscrow(agentId: string, entry: WindowEntry): Promise<WindowView>;
}

/** Verdicts on their way from the rule that concluded them to the worker that acts on them. */
export interface Verdicts {
  /** First one stays; answers the one that stands. */
  keep(verdict: Verdict): Promise<Verdict>;
  load(agentId: string, signalId: string): Promise<Verdict | null>;
}

/** The table of work lies in queues/jobs.ts; data carries ids only, the worker loads what counts. */
export interface JobData {
  freeze: { eventId: string; agentId: string; signalId: string | null } | { seeCapsOf: string };
  contain: { incidentId: string };
  correlate: { eventId: string };
  forensics: { incidentId: string; part: "at-containment" | "after" };
  notification: {
    agentId: string;
    incidentId: string | null;
    signalId: string | null;
    kind: "page" | "publish";
    what: string;
  };
  recovery: { incidentId: string };
}
export type QueueName = keyof JobData;

export interface Dispatch {
  /** Adding the same id twice is one job while the first is kept (guarantees.md section 4). */
  add<Q extends QueueName>(
    queue: Q,
    agentOrIncident: string,
    jobId: string,
    data: JobData[Q],
    /** forgotten: the id is free again as soon as the job has ended, so that there is one at a time and always a next one. */
    options?: { delayMs?: number; forgotten?: boolean },
  ): Promise<void>;
  /** Whether this job waits, runs or is delayed; false once it is done, failed or gone. */
  isLive(queue: QueueName, agentOrIncident: string, jobId: string): Promise<boolean>;
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
