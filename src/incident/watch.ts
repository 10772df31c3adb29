import type { JobData } from "./jobs.ts";

/**
 * What polling remembers (I7, I8). The times are Redis's, milliseconds since 1970; what was remembered before an event was
 * accepted would be lost with it, so everything is written after.
 */

/** How much of its budget an agent has used, by its thresholds (D1). */
export type BudgetBand = "ok" | "warning" | "exhausted";

/** Something a poll found and a webhook should have told of. */
export interface Awaited {
  /** "escrow:<id>" or "budget". */
  what: string;
  since: number;
}

/** What the last look at an agent left for the next one. */
export interface LookMemory {
  /** Looks that were carried through. */
  looks: number;
  band: BudgetBand;
  /** Counts the changes of band: names the event of one. */
  bandChanges: number;
  /** Transactions up to here are told; those near it by their ids too, since several share a moment. */
  transactionsUntil: number | null;
  transactionsNear: readonly string[];
  balance: string | null;
  /** null: the gateway never computed one, or nobody looked. */
  score: number | null;
  /** Public key and verification as last told. */
  identity: string | null;
  /** The reads that are not made at every look: when, and at which look. */
  slowAt: number;
  slowLook: number;
  /** Requests the list of escrows took the last time: what the next one is expected to cost. */
  escrowCalls: number;
  /** How often in a row each read failed. */
  failed: Readonly<Record<string, number>>;
  /** How often in a row each read was due and left out for want of calls. */
  leftOut: Readonly<Record<string, number>>;
  awaited: readonly Awaited[];
}

export type Begun =
  | {
      answer: "begun";
      now: number;
      /** When this agent was first looked at. */
      watchedSince: number;
      /** An incident holds it: budget and escrows are looked at by the hold. */
      isHeld: boolean;
      /** Null at the first look. */
      memory: LookMemory | null;
    }
  /** busy: somebody else looks. too-soon: somebody just did. */
  | { answer: "busy" | "too-soon" };

export interface LookEnd {
  memory: LookMemory;
  /** Budget and escrows were read, or the hold reads them. */
  isWhole: boolean;
  /** Escrows told of as held, with their time of creation where the gateway said, and those that are held no more. */
  told: readonly { id: string; createdAt: number | undefined }[];
  forgotten: readonly string[];
}

/** One agent each. */
export interface AgentWatch {
  /** At most one look at an agent at a time, and none within gapMs of the last; `owner` is unique per attempt. */
  begin(agentId: string, owner: string, limits: { leaseMs: number; gapMs: number }): Promise<Begun>;
  /** False, and nothing is kept: the lease ran out and somebody else looks. */
  end(agentId: string, owner: string, end: LookEnd): Promise<boolean>;
  /** Gives the lease back and keeps nothing: this look did not take place. */
  release(agentId: string, owner: string): Promise<void>;
  /** Escrows told of as held -> when they were created, null where the gateway did not say. */
  told(agentId: string): Promise<ReadonlyMap<string, number | null>>;
  /** When the last look began and when the last whole one ended; watchedSince stands in for a look that never was. 0: unknown agent. */
  looked(agentIds: readonly string[]): Promise<readonly { beganAt: number; wholeAt: number }[]>;
  /** What the last look at each left; null: never looked at, or by somebody right now for the first time. */
  memories(agentIds: readonly string[]): Promise<readonly (LookMemory | null)[]>;
  /** From now on this agent is to be looked at; keeps an earlier time. */
  enlist(agentIds: readonly string[]): Promise<void>;
  /** Which of these a webhook told of. */
  heard(agentId: string, what: readonly string[]): Promise<ReadonlySet<string>>;
  /** Which of these actions the responder itself has claimed: what they did is no news. */
  ownActions(agentId: string, actionKeys: readonly string[]): Promise<ReadonlySet<string>>;
  /** Agents whose incident is recovering (R2) -> since when polling knows; with this call it does. */
  recovering(): Promise<ReadonlyMap<string, number>>;
  /** Agents that webhooks or their own telemetry told of (inbox.ts), heard of last first; without a limit all that are remembered. */
  seenAgents(limit?: number): Promise<readonly string[]>;
  /** When webhooks told of them last, Redis time in milliseconds; who is left out was not told of. One round trip a partition. */
  heardAt(agentIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Not an agent of ours after all: not polled again unless it is heard of again a day later. */
  disown(agentId: string): Promise<void>;
}

/** What the list of webhooks showed. */
export interface WebhookState {
  registeredSince: number;
  eventTypes: readonly string[];
}

/** Where reading the bus has got to. The row itself is remembered, so that a bus that counts anew is noticed. */
export interface BusCursor {
  id: number;
  integrityHash: string;
  /** When that row was written, by the gateway; null where it did not say. */
  rowAt: number | null;
  readAt: number;
}

/** The whole fleet. */
export interface FleetWatch {
  busCursor(): Promise<BusCursor | null>;
  moveBusCursor(cursor: BusCursor): Promise<void>;
  /** null: none of ours is registered, or nobody looked yet. registeredSince of an earlier sighting stays. */
  webhooks(): Promise<WebhookState | null>;
  seeWebhooks(state: WebhookState | null): Promise<void>;
  /** When the test ping of this webhook, or one that names none, last arrived at the intake; 0 if never. */
  pingedAt(webhookId: string): Promise<number>;
  /** When each type of event last arrived by each way: "<type> <source>", and "test.ping <webhook id>" -> ms. */
  fed(): Promise<ReadonlyMap<string, number>>;
  /** Failures in a row of a check that is not about one agent; a success sets it back. */
  countFailure(check: string, failed: boolean): Promise<number>;
  /** What webhooks did not tell of, gathered until somebody reports it. */
  countSilence(agentId: string, count: number): Promise<void>;
  /** Agent -> count, taken out; empty where nothing is gathered or the last report is younger than everyMs. */
  takeSilence(everyMs: number): Promise<ReadonlyMap<string, number>>;
}

/** Of an hour's calls so much may be saved up for a moment with much to read; the rest flows in evenly. */
export const SAVED_SHARE = 1 / 12;

/** The hourly limit of the gateway key that acts for an agent, less what is reserved for freezes and cancels. */
export interface CallBudget {
  /**
   * Reads in order of importance: how many of them, from the first on, may be made now. A read is left out while less than
   * its `floor` (0..1) of what may be saved up would be left. Blocked after a 429: none.
   */
  take(agentId: string, reads: readonly { calls: number; floor: number }[]): Promise<{ reads: number; waitMs: number }>;
  /** Corrects what was taken by what was called. */
  settle(agentId: string, extraCalls: number): Promise<void>;
  /** The gateway said 429: nothing is read with this key for a while, longer each time until a look goes well. */
  backOff(agentId: string, retryAfterMs: number | undefined): Promise<number>;
}

export type WatchJob = JobData["watch"];

/** What is to be looked at and how often, as repeating jobs in the queue. */
export interface Schedules {
  /** Makes the schedules of a partition what they should be; answers those that are its own. */
  keep(partition: number, wanted: readonly Schedule[]): Promise<readonly Schedule[]>;
  /** Starts one anew: its next job was lost, or was booked by a clock that was wrong. */
  renew(partition: number, schedule: Schedule): Promise<void>;
}

export interface Schedule {
  id: string;
  /** Whose partition it belongs to; null: the first. */
  agentId: string | null;
  everyMs: number;
  job: WatchJob;
  /** How soon for the first time; left out: at its place within the interval. */
  firstInMs?: number;
}
