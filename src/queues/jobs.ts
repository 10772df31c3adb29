import type { JobsOptions } from "bullmq";
import type { QueueName } from "../incident/jobs.ts";

/**
 * The table of work: every queue, who works it, how often it tries and how long its jobs are kept.
 * Containment has queues of its own, always: an urgent job behind 20,000 others waits seconds in one queue (performance.md).
 */
export interface QueueRow {
  worker: "containment" | "cascade" | "forensics" | "notification" | "recovery" | "watch";
  /** Jobs one process works on at a time, per partition; they wait on the gateway, not on the CPU. */
  concurrency: number;
  attempts: number;
  /** Longest wait before the next attempt; the wait itself is drawn at random below it (full jitter). */
  backoffCapMs: number;
}

export const queueTable: Record<QueueName, QueueRow> = {
  /** Open or join the incident, record the caps, freeze, one agent or the fleet. Nothing slow may ever run here. */
  freeze: { worker: "containment", concurrency: 64, attempts: 1000, backoffCapMs: 2_000 },
  /** The rest of the runbook, read-back, hold. */
  contain: { worker: "containment", concurrency: 64, attempts: 1000, backoffCapMs: 5_000 },
  /** Judge an event and its windows; join what belongs together into cascades. */
  correlate: { worker: "cascade", concurrency: 32, attempts: 1000, backoffCapMs: 5_000 },
  /** Evidence, of an incident and of a cascade; the post-mortem. */
  forensics: { worker: "forensics", concurrency: 8, attempts: 50, backoffCapMs: 15_000 },
  /** Pages and published events; a receiver that is away is tried for an hour or so, and must not hold up the others. */
  notification: { worker: "notification", concurrency: 32, attempts: 400, backoffCapMs: 15_000 },
  /** Recovery, rung by rung, and stand-down. */
  recovery: { worker: "recovery", concurrency: 8, attempts: 1000, backoffCapMs: 15_000 },
  /** Looks at the gateway; one that failed is repeated by its schedule. */
  watch: { worker: "watch", concurrency: 8, attempts: 1, backoffCapMs: 15_000 },
};

export const queueNames = Object.keys(queueTable) as QueueName[];
export const workerNames = [...new Set(Object.values(queueTable).map((row) => row.worker))];
export type WorkerName = QueueRow["worker"];

/** Lock settings tried in guarantees.md section 4: a job of a killed worker restarts within 6 to 11 s, not 55 to 85. */
export const workerSettings = { lockDuration: 10_000, stalledInterval: 5_000, maxStalledCount: 20 } as const;

/** Done jobs are kept a day (at most 2,000 a queue, enough to look at), dead letters 90 days. The inbox keeps the truth, not the queue. */
export function jobOptions(queue: QueueName): JobsOptions {
  return {
    attempts: queueTable[queue].attempts,
    backoff: { type: "custom" },
    removeOnComplete: { age: 86_400, count: 2_000 },
    removeOnFail: { age: 7_776_000 },
    stackTraceLimit: 5,
    keepLogs: 20,
  };
}

/** Full jitter below an exponential bound (guarantees.md section 6, property 9). attempt counts from 1. */
export function backoffMs(queue: QueueName, attempt: number, random: () => number): number {
  const bound = Math.min(queueTable[queue].backoffCapMs, 100 * 2 ** Math.min(attempt, 20));
  return Math.ceil(random() * bound);
}
