import type { JobSchedulerJson, Queue } from "bullmq";
import { TourniquetError } from "../errors.ts";
import type { Schedule, Schedules } from "../incident/watch.ts";
import type { Queues } from "./dispatch.ts";

/** A look is repeated by its schedule, not by the queue, and is no dead letter: the next one does what it could not. */
const lookOptions = { attempts: 1, removeOnComplete: { count: 200 }, removeOnFail: { count: 200 } } as const;

/** BullMQ job schedulers in the queue `watch`. offsetOf spreads them over their interval: all at once would be a burst at the gateway. */
export function createSchedules(
  queues: Queues,
  partitionFor: (agentId: string | null) => number,
  offsetOf: (id: string, everyMs: number) => number,
): Schedules {
  const upsert = (queue: Queue, { id, everyMs, job, firstInMs }: Schedule) => {
    const first =
      firstInMs === undefined ? { offset: offsetOf(id, everyMs) } : { startDate: new Date(Date.now() + firstInMs) };
    return queue.upsertJobScheduler(id, { every: everyMs, ...first }, { name: job.look, data: job, opts: lookOptions });
  };
  const reported = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw new TourniquetError("redis-unavailable", "could not change what is polled", {}, error);
    }
  };
  return {
    async keep(partition, wanted) {
      const queue = queues.of("watch", partition);
      const own = wanted.filter(({ agentId }) => partitionFor(agentId) === partition);
      const there = new Map((await reported(queue.getJobSchedulers(0, -1))).map((one) => [one.key, one]));
      const ids = new Set(own.map(({ id }) => id));
      await reported(
        Promise.all([
          ...own.filter((schedule) => !isThere(there.get(schedule.id), schedule)).map((one) => upsert(queue, one)),
          ...[...there.keys()].filter((id) => !ids.has(id)).map((id) => queue.removeJobScheduler(id)),
        ]),
      );
      return own;
    },
    async renew(partition, schedule) {
      const queue = queues.of("watch", partition);
      await reported(queue.removeJobScheduler(schedule.id));
      await reported(upsert(queue, schedule));
    },
  };
}

const isThere = (found: JobSchedulerJson | undefined, { everyMs }: Schedule): boolean =>
  Number(found?.every) === everyMs;
