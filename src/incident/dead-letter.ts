import { describeError, type ErrorCode, isErrorCode } from "../errors.ts";
import type { JobData, QueueName } from "./jobs.ts";

/** Looks (queue watch) are none: their schedule makes the next one, and what they cannot see is a signal (I8). */
export type DeadQueue = Exclude<QueueName, "watch">;
export const deadQueues: readonly DeadQueue[] = Object.keys({
  freeze: true,
  contain: true,
  correlate: true,
  forensics: true,
  notification: true,
  recovery: true,
} satisfies Record<DeadQueue, true>) as DeadQueue[];

/** A job that failed for good (O4). Times in milliseconds since 1970. */
export interface DeadLetter {
  queue: DeadQueue;
  id: string;
  /** What it was to do: the queue's own verb, or one of several (`kindOf`). */
  kind: string;
  agentId: string | null;
  incidentId: string | null;
  /** Of the event it was about; the type is null where the inbox has forgotten it (7 d after it was decided). */
  eventId: string | null;
  eventType: string | null;
  /** failed: a dead letter. Anything else: it was one, or a replay has it in hand. */
  state: JobState;
  /** Null while it is no dead letter. */
  cause: Cause | null;
  /** Tries since it was added or replayed last. */
  attempts: number;
  addedAt: number;
  /** Null where it was never tried, or a worker took it down with it each time. */
  firstTriedAt: number | null;
  /** When it failed for good; null while it is no dead letter. */
  failedAt: number | null;
  /** Oldest first. */
  replays: readonly Replay[];
}

/** gone: done, and longer ago than done jobs are kept. */
export type JobState = "failed" | "completed" | "active" | "waiting" | "delayed" | "gone" | "unknown";

export interface Cause {
  code: ErrorCode;
  message: string;
}

/** What an operator asked for, and what came of it. */
export interface Replay {
  number: number;
  at: number;
  by: string;
  reason: string;
  /** What the job had died of, when, and after how many tries. */
  cause: Cause;
  failedAt: number;
  attempts: number;
  /** not-begun: whoever asked did not come to hand it to the queue; ask again. */
  outcome: "done" | "failed-again" | "in-hand" | "not-begun";
  endedAt: number | null;
  /** What it died of again. */
  endCause: Cause | null;
}

export interface DeadLetterHistory extends DeadLetter {
  data: Readonly<Record<string, unknown>>;
  /** Of the last attempts, oldest first. */
  stacks: readonly string[];
  /** One line per failed attempt, the last 20, oldest first. */
  logs: readonly string[];
}

export interface DeadLetterFilter {
  id?: string | undefined;
  queue?: DeadQueue | undefined;
  agent?: string | undefined;
  /** Of the event, or the kind of job. */
  type?: string | undefined;
  /** When it failed for good, both ends included. */
  since?: number | undefined;
  until?: number | undefined;
}

export interface DeadLetterPage {
  /** Newest first. */
  deadLetters: readonly DeadLetter[];
  /** How many were looked at for it. */
  examined: number;
  /** Where the next page begins; null: there is no more. A page may be empty and not the last: filters look at so many at a time. */
  next: string | null;
}

/** Who replays, and why: kept with the dead letter and with its incident. */
export interface ReplayOrder {
  filter: DeadLetterFilter;
  limit: number;
  dryRun: boolean;
  by: string;
  reason: string;
}

export interface ReplayResult {
  queue: DeadQueue;
  id: string;
  answer: "replayed" | "would-replay" | "being-replayed" | "no-longer-failed" | "too-old";
  /** Where the job is now; who has it in hand. */
  detail: string;
}

export interface DeadLetters {
  list(filter: DeadLetterFilter, limit: number, after?: string): Promise<DeadLetterPage>;
  /** Null: no such job, and none that ever died. */
  show(queue: DeadQueue, id: string): Promise<DeadLetterHistory | null>;
  /** Throws not-found where an id is no job's. `more`: others match beyond the limit. */
  replay(
    order: ReplayOrder,
    onProgress?: (done: number, of: number) => void,
  ): Promise<{ results: readonly ReplayResult[]; more: boolean }>;
}

/** What is kept of replays, and of when jobs died. */
export interface Replays {
  /** Ids of one queue by the time they died, newest first, from `maxAt` down to `minAt` (both included), `skip` left out. */
  died(
    queue: DeadQueue,
    partition: number,
    range: { maxAt: number | null; minAt: number | null; skip: number; count: number },
  ): Promise<readonly { id: string; failedAt: number }[]>;
  /**
   * Keeps who replays a dead letter and why: the first who asks. `busy`: somebody asked a moment ago. `not-failed`: it is no
   * dead letter, nothing is kept.
   */
  begin(
    partition: number,
    queue: DeadQueue,
    id: string,
    replay: Pick<Replay, "by" | "reason" | "cause" | "attempts">,
  ): Promise<{ answer: "begun" | "busy" | "not-failed"; number: number }>;
  /** cause: what it died of again; null: it was done. */
  end(partition: number, queue: DeadQueue, id: string, number: number, cause: Cause | null): Promise<void>;
  /** Oldest first. `outcome` says in-hand of all that have no end. */
  of(partition: number, queue: DeadQueue, id: string): Promise<readonly Replay[]>;
}

/** The word for what a job was to do, as `--type` takes it. */
export function kindOf(queue: QueueName, data: JobData[QueueName]): string {
  if ("kind" in data) return data.kind;
  if ("seeCapsOf" in data) return "see-caps";
  if ("shutdownFor" in data) return "shutdown";
  if (queue === "correlate") return "eventId" in data ? "correlate" : "cascade";
  if ("cascadeId" in data) return "evidence-of-cascade";
  if ("part" in data) return data.part === "post-mortem" ? data.part : `evidence-${data.part}`;
  return queue;
}

/** How the queue keeps why a job died: in one line, from which `causeOf` reads it again. */
export function causeLine(error: unknown): string {
  const { code, message } = describeError(error);
  return `${code}: ${message}`;
}

export function causeOf(failedReason: string | undefined): Cause {
  const [, code, message] = /^([a-z-]+): (.*)$/s.exec(failedReason ?? "") ?? [];
  if (code !== undefined && message !== undefined && isErrorCode(code)) return { code, message };
  return { code: "internal", message: failedReason ?? "it did not say" };
}
