import { hostname } from "node:os";
import { type Job, UnrecoverableError, Worker } from "bullmq";
import { describeError, isTransient, TourniquetError } from "./errors.ts";
import { causeLine } from "./incident/dead-letter.ts";
import type { QueueName } from "./incident/jobs.ts";
import { oncePerSecond } from "./log.ts";
import type { Attempt } from "./notify/attempt.ts";
import { bury } from "./queues/bury.ts";
import { backoffMs, queueNames, queueTable, type WorkerName, workerSettings } from "./queues/jobs.ts";
import { connectRedis, type RedisConnection } from "./redis/connection.ts";
import { queuePrefix } from "./redis/keys.ts";
import type { Services } from "./services.ts";
import { work } from "./work.ts";

export interface RunningWorker {
  /** Stops taking jobs, waits for those in hand, at most deadlineMs. */
  close(deadlineMs: number): Promise<void>;
  /** One for each of its queues in each partition. */
  queues: readonly QueueWorker[];
}

/** taken: jobs begun since it started. inHand: those of them that are still worked at. */
export interface QueueWorker {
  bull: Worker;
  jobs: { taken: number; inHand: number };
}

/** Works every queue of this worker, in every partition. The job is acknowledged after its flow returned, never before. */
export function runWorker(name: WorkerName, services: Services): RunningWorker {
  const queues = queueNames.filter((queue) => queueTable[queue].worker === name);
  const loud = oncePerSecond((error) => services.log.error({ worker: name, message: error.message }, "worker.failed"));
  // One for all their commands; each opens another for its blocking read.
  const connection = connectRedis(services.config.redisUrl, "worker", loud);
  const working = queues.flatMap((queue) =>
    Array.from({ length: services.config.partitions }, (_, partition) => open(queue, partition, services, connection)),
  );
  return {
    queues: working,
    async close(deadlineMs) {
      // close() waits for ever while Redis is away (guarantees.md, conclusion 10), so it never has the last word.
      await Promise.race([
        Promise.all(working.map(({ bull }) => bull.close())),
        new Promise((resolve) => setTimeout(resolve, deadlineMs).unref()),
      ]);
      connection.disconnect();
    },
  };
}

/** Shown with every job in hand: where to look for whoever has it. */
const processName = `${hostname()}:${process.pid}`;

function open(queue: QueueName, partition: number, services: Services, connection: RedisConnection): QueueWorker {
  const { log } = services;
  const loud = oncePerSecond((error) => log.error({ queue, message: error.message }, "worker.failed"));
  const jobs = { taken: 0, inHand: 0 };
  const worker: Worker = new Worker(
    queue,
    (job, _token, signal) =>
      counted(jobs, traced({ queue, partition, job }, services, signal ?? new AbortController().signal)),
    {
      connection,
      name: processName,
      prefix: queuePrefix(partition),
      concurrency: queueTable[queue].concurrency,
      settings: { backoffStrategy: (attempt, _type, error) => waitMs(queue, attempt, error) },
      ...workerSettings,
    },
  );
  worker.on("error", loud);
  // Taken down with its worker too often: BullMQ lets it fail without trying it once more.
  worker.on("failed", (job, error) => {
    if (job?.deferredFailure && job.finishedOn) void die({ queue, partition, job }, services, error);
    // Only now the list of dead letters has it.
    if (job?.finishedOn) void tellOfDeadLetter(services);
  });
  // A job whose lock is gone is somebody else's: no further mutation of ours may start (G12).
  worker.on("lockRenewalFailed", (jobIds) => {
    for (const jobId of jobIds) worker.cancelJob(jobId, "lock lost");
  });
  return { bull: worker, jobs };
}

/** By the work itself: BullMQ tells of no end of a job whose lock was lost. */
async function counted<T>(jobs: QueueWorker["jobs"], work: Promise<T>): Promise<T> {
  jobs.taken += 1;
  jobs.inHand += 1;
  try {
    return await work;
  } finally {
    jobs.inHand -= 1;
  }
}

/** Not before whoever refused for now said when (N1). */
function waitMs(queue: QueueName, attempt: number, error: unknown): number {
  const said = error instanceof TourniquetError ? error.detail.retryAfterMs : undefined;
  return Math.max(backoffMs(queue, attempt, Math.random), typeof said === "number" ? said : 0);
}

interface InHand {
  queue: QueueName;
  partition: number;
  job: Job;
}

/** Each attempt is a span of the trace that the job came in with; what a schedule or a ticker adds begins one of its own. */
function traced(inHand: InHand, services: Services, abort: AbortSignal): Promise<unknown> {
  const { queue, job } = inHand;
  const { eventId, incidentId, agentId } = idsOf(job.data) as Record<string, string | null | undefined>;
  const attributes = {
    "messaging.system": "bullmq",
    "messaging.operation.name": "process",
    "messaging.destination.name": queue,
    "messaging.message.id": job.id,
    "tourniquet.attempt": job.attemptsMade + 1,
    "tourniquet.event_id": eventId,
    "tourniquet.incident_id": incidentId,
    "tourniquet.agent_id": agentId,
  };
  const parent = job.opts.telemetry?.metadata;
  return services.tracing.span({ name: `process ${queue}`, kind: "consumer", parent, attributes }, () =>
    attempt(inHand, services, abort),
  );
}

async function attempt(inHand: InHand, services: Services, abort: AbortSignal): Promise<unknown> {
  const { queue, partition, job } = inHand;
  const startedAt = performance.now();
  // Of an operator's replay (queues/replay.ts); no business of the flow's.
  const { replay, ...data } = job.data;
  const fields = { queue, jobId: job.id, attempt: job.attemptsMade + 1, replay, ...idsOf(data) };
  try {
    const answer = await work(queue, services, data, abort, tryOf(job));
    if (replay !== undefined && queue !== "watch")
      await services.replays.end(partition, queue, String(job.id), replay, null);
    services.log.info({ ...fields, durationMs: Math.round(performance.now() - startedAt), ...answer }, "job.done");
    services.tracing.note({
      "tourniquet.answer": String(answer.answer ?? ""),
      "tourniquet.incident_id": typeof answer.incidentId === "string" ? answer.incidentId : undefined,
    });
    return answer;
  } catch (error) {
    const { code, message } = describeError(error);
    services.log.warn(
      { ...fields, durationMs: Math.round(performance.now() - startedAt), code, message },
      "job.failed",
    );
    if (queue !== "watch") await keepAttempt(job, error);
    const isLast = !isTransient(error) || tryOf(job).isLast;
    if (!isLast) throw error;
    // Before the queue knows of it: who dies here comes back, and says so again under the same names.
    await die(inHand, services, error);
    throw deadly(error);
  }
}

function tryOf({ id, attemptsMade, opts }: Job): Attempt {
  const number = attemptsMade + 1;
  return { jobId: String(id), number, isLast: number >= (opts.attempts ?? 1) };
}

/** Says that a job failed for good. That it cannot be said keeps no job from its end. */
async function die(inHand: InHand, services: Services, error: unknown): Promise<void> {
  try {
    await bury(services, { ...inHand, error });
  } catch (trouble) {
    services.log.error({ queue: inHand.queue, jobId: inHand.job.id, ...describeError(trouble) }, "job.died-unsaid");
  }
}

/** Whoever watches reads the list anew (O4). Redis away: they do when it is back. */
async function tellOfDeadLetter({ changes, log }: Services): Promise<void> {
  await changes.mark("dead-letters").catch((error: unknown) => log.warn(describeError(error), "change.not-told"));
}

/** When it was first tried and what each attempt died of, for whoever looks at a dead letter. Redis away: then without. */
async function keepAttempt(job: Job, error: unknown): Promise<void> {
  const at = new Date();
  const line = `${at.toISOString()} attempt ${job.attemptsMade + 1}: ${causeLine(error)}`;
  const isFirst = (job.progress as { firstTriedAt?: number } | null)?.firstTriedAt === undefined;
  await Promise.allSettled([job.log(line), isFirst && job.updateProgress({ firstTriedAt: at.getTime() })]);
}

/** What ends a job whatever attempts are left, with its cause in one line and the stack of what really happened. */
function deadly(error: unknown): UnrecoverableError {
  const last = new UnrecoverableError(causeLine(error));
  if (error instanceof Error && error.stack) last.stack = error.stack;
  return last;
}

function idsOf(data: Record<string, unknown>): Record<string, unknown> {
  const { eventId, incidentId, agentId, signalId } = data;
  return { eventId, incidentId, agentId, signalId };
}
