import type { Job, Queue } from "bullmq";
import type { Queues } from "../../queues/dispatch.ts";
import type { Figures, Source } from "./figures.ts";

const STATES = ["waiting", "active", "delayed", "completed", "failed"] as const;

/** Summed over partitions, of ages the oldest: how work is spread is not what somebody is woken up for. */
export function queueMetrics({ gauge }: Figures, open: Pick<Queues, "all" | "isInHand">): Source {
  const jobs = gauge("tourniquet_queue_jobs", "Jobs by queue and state.", "queue", "state");
  const oldest = gauge(
    "tourniquet_queue_oldest_waiting_seconds",
    "How long the job that is due longest waits for a worker, those included whose worker died.",
    "queue",
  );
  const dead = gauge("tourniquet_dead_letters", "Jobs that failed for good and wait for a person.", "queue");
  return async () => {
    const rows = open.all();
    const seen = await Promise.all(
      rows.map(async ({ queue, bull }) => ({
        queue,
        counts: await bull.getJobCounts(...STATES),
        waitingMs: await longestWaitMs(open, bull),
      })),
    );
    for (const metric of [jobs, oldest, dead]) metric.reset();
    const waitedMs = new Map<string, number>();
    for (const { queue, counts, waitingMs } of seen) {
      for (const state of STATES) jobs.inc({ queue, state }, counts[state] ?? 0);
      // A look at the gateway is no dead letter: its schedule repeats it.
      if (queue !== "watch") dead.inc({ queue }, counts.failed ?? 0);
      waitedMs.set(queue, Math.max(waitedMs.get(queue) ?? 0, waitingMs));
    }
    for (const [queue, ms] of waitedMs) oldest.set({ queue }, ms / 1000);
  };
}

/**
 * Also of what is delayed beyond its time, and of what a worker had in hand that lives no more: only one that lives moves the
 * first to those that wait, and takes the second up again.
 */
async function longestWaitMs({ isInHand }: Pick<Queues, "isInHand">, bull: Queue): Promise<number> {
  const [waiting, delayed, active] = await Promise.all([
    bull.getJobs(["waiting"], 0, 0, true),
    bull.getJobs(["delayed"], 0, 0, true),
    bull.getJobs(["active"], 0, MOST_LOOKED_AT - 1, true),
  ]);
  const inHand = await Promise.all(active.map((job) => job?.id !== undefined && isInHand(bull, job.id)));
  const left = active.filter((_, index) => !inHand[index]);
  const now = Date.now();
  return Math.max(0, ...[...waiting, ...delayed, ...left].flatMap((job) => (job ? [now - dueAt(job)] : [])));
}

/** Those in hand for longest. */
const MOST_LOOKED_AT = 10;

/** A job that was tried waits since its last try, and the wait before its next. */
function dueAt({ timestamp, processedOn, delay, opts }: Job): number {
  return Math.max(timestamp + (opts.delay ?? 0), (processedOn ?? 0) + delay, timestamp + delay);
}
