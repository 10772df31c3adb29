import { type JobsOptions, Queue } from "bullmq";
import type { Cluster, Redis } from "ioredis";
import { TourniquetError } from "../errors.ts";
import type { Dispatch, JobData, QueueName } from "../incident/jobs.ts";
import { type Tracing, untraced } from "../incident/tracing.ts";
import { jobOptions, queueNames } from "./jobs.ts";

/** Every queue of every partition, opened over one fail-fast connection. */
export interface Queues {
  of(queue: QueueName, partition: number): Queue;
  all(): readonly { queue: QueueName; partition: number; bull: Queue }[];
  /** Whether somebody works on a job that is active: whoever does renews its lock. */
  isInHand(bull: Queue, jobId: string): Promise<boolean>;
  close(): Promise<void>;
}

/** onError hears what a queue says of its connection; without a listener it would be printed raw. */
export function openQueues(
  connection: Redis | Cluster,
  partitions: number,
  prefixOf: (partition: number) => string,
  onError: (error: Error) => void,
): Queues {
  const rows = queueNames.flatMap((queue) =>
    Array.from({ length: partitions }, (_, partition) => ({
      queue,
      partition,
      bull: new Queue(queue, {
        connection,
        prefix: prefixOf(partition),
        skipWaitingForReady: true,
        defaultJobOptions: jobOptions(queue),
      }),
    })),
  );
  for (const { bull } of rows) bull.on("error", onError);
  const byName = new Map(rows.map((row) => [`${row.queue}/${row.partition}`, row.bull]));
  return {
    of(queue, partition) {
      const found = byName.get(`${queue}/${partition}`);
      if (!found) throw new TourniquetError("internal", `no queue ${queue} in partition ${partition}`);
      return found;
    },
    all: () => rows,
    isInHand: async (bull, jobId) => (await connection.exists(`${bull.toKey(jobId)}:lock`)) === 1,
    async close() {
      await Promise.all(rows.map((row) => row.bull.close()));
    },
  };
}

/** What of a trace goes with a job, in its options: its data stays ids only. */
export const carrying = (traceparent: string | undefined): JobsOptions =>
  traceparent === undefined ? {} : { telemetry: { metadata: traceparent } };

/** partitionFor: where an agent id or one of our ids lives. Throws redis-unavailable: the caller must not say it is queued. */
export function createDispatch(
  queues: Queues,
  partitionFor: (agentOrIncident: string) => number,
  tracing: Pick<Tracing, "traceparent"> = untraced,
): Dispatch {
  return {
    async add<Q extends QueueName>(
      queue: Q,
      agentOrIncident: string,
      jobId: string,
      data: JobData[Q],
      options: { delayMs?: number; forgotten?: boolean; traceparent?: string | undefined } = {},
    ) {
      try {
        await queues.of(queue, partitionFor(agentOrIncident)).add(queue, data, {
          jobId,
          ...carrying(options.traceparent ?? tracing.traceparent()),
          ...(options.delayMs && { delay: options.delayMs }),
          ...(options.forgotten && { removeOnComplete: true, removeOnFail: true }),
        });
      } catch (error) {
        throw error instanceof TourniquetError
          ? error
          : new TourniquetError("redis-unavailable", `could not queue ${queue} job ${jobId}`, { queue }, error);
      }
    },
    async isLive(queue, agentOrIncident, jobId) {
      const state = await queues.of(queue, partitionFor(agentOrIncident)).getJobState(jobId);
      return state === "waiting" || state === "active" || state === "delayed" || state === "prioritized";
    },
  };
}
