import { type Job, UnrecoverableError, Worker } from "bullmq";
import { describeError, isTransient } from "./errors.ts";
import type { QueueName } from "./incident/jobs.ts";
import { oncePerSecond } from "./log.ts";
import { backoffMs, queueNames, queueTable, type WorkerName, workerSettings } from "./queues/jobs.ts";
import { connectRedis } from "./redis/connection.ts";
import { queuePrefix } from "./redis/keys.ts";
import type { Services } from "./services.ts";
import { work } from "./work.ts";

export interface RunningWorker {
  /** Stops taking jobs, waits for those in hand, at most deadlineMs. */
  close(deadlineMs: number): Promise<void>;
  bull: readonly Worker[];
}

/** Works every queue of this worker, in every partition. The job is acknowledged after its flow returned, never before. */
export function runWorker(name: WorkerName, services: Services): RunningWorker {
  const queues = queueNames.filter((queue) => queueTable[queue].worker === name);
  const bull = queues.flatMap((queue) =>
    Array.from({ length: services.config.partitions }, (_, partition) => open(queue, partition, services)),
  );
  return {
    bull,
    async close(deadlineMs) {
      // close() waits for ever while Redis is away (guarantees.md, conclusion 10), so it never has the last word.
      await Promise.race([
        Promise.all(bull.map((worker) => worker.close())),
        new Promise((resolve) => setTimeout(resolve, deadlineMs).unref()),
      ]);
    },
  };
}

function open(queue: QueueName, partition: number, services: Services): Worker {
  const { log, config } = services;
  const loud = oncePerSecond((error) => log.error({ queue, message: error.message }, "worker.failed"));
  const connection = connectRedis(config.redisUrl, "worker", loud);
  const worker: Worker = new Worker(
    queue,
    (job, _token, signal) => attempt(queue, job, services, signal ?? new AbortController().signal),
    {
      connection,
      prefix: queuePrefix(partition),
      concurrency: queueTable[queue].concurrency,
      settings: { backoffStrategy: (attempt) => backoffMs(queue, attempt, Math.random) },
      ...workerSettings,
    },
  );
  worker.on("error", loud);
  // A job whose lock is gone is somebody else's: no further mutation of ours may start (G12).
  worker.on("lockRenewalFailed", (jobIds) => {
    for (const jobId of jobIds) worker.cancelJob(jobId, "lock lost");
  });
  worker.on("closed", () => connection.disconnect());
  return worker;
}

async function attempt(queue: QueueName, job: Job, services: Services, abort: AbortSignal): Promise<unknown> {
  const startedAt = performance.now();
  const fields = { queue, jobId: job.id, attempt: job.attemptsMade + 1, ...idsOf(job.data) };
  try {
    const answer = await work(queue, services, job.data, abort);
    services.log.info({ ...fields, durationMs: Math.round(performance.now() - startedAt), ...answer }, "job.done");
    return answer;
  } catch (error) {
    const { code, message } = describeError(error);
    services.log.warn(
      { ...fields, durationMs: Math.round(performance.now() - startedAt), code, message },
      "job.failed",
    );
    throw isTransient(error) ? error : new UnrecoverableError(`${code}: ${message}`);
  }
}

function idsOf(data: Record<string, unknown>): Record<string, unknown> {
  const { eventId, incidentId, agentId, signalId } = data;
  return { eventId, incidentId, agentId, signalId };
}
