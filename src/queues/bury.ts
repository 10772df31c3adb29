import type { Job } from "bullmq";
import { causeLine, causeOf, type DeadQueue, type Replays } from "../incident/dead-letter.ts";
import type { Dispatch, NotificationJob, QueueName } from "../incident/jobs.ts";
import type { Clock, Log } from "../incident/ports.ts";
import { type AboutPorts, aboutOf } from "./dead-letter-about.ts";
import type { Queues } from "./dispatch.ts";

export interface BuryPorts extends AboutPorts {
  dispatch: Dispatch;
  queues: Queues;
  replays: Pick<Replays, "end">;
  clock: Pick<Clock, "now">;
  log: Log;
}

/** People are told of a queue's dead letters at most twice in this time: of the first at once, of all others at its end. */
const TOLD_EVERY_MS = 600_000;

/**
 * A job has failed for good: says so in the log, to people, and to whoever replayed it. Safe to run twice. Looks are left out:
 * the next one is made by their schedule.
 */
export async function bury(
  ports: BuryPorts,
  { queue, partition, job, error }: { queue: QueueName; partition: number; job: Job; error: unknown },
): Promise<void> {
  if (queue === "watch" || job.id === undefined) return;
  const cause = causeOf(causeLine(error));
  const { replay, ...data } = job.data;
  const about = await aboutOf(ports, data);
  const { agentId, incidentId, eventId } = about;
  const attempts = job.attemptsMade + (job.finishedOn ? 0 : 1);
  ports.log.error({ queue, jobId: job.id, agentId, incidentId, eventId, attempts, replay, ...cause }, "job.dead");
  if (typeof replay === "number") await ports.replays.end(partition, queue, job.id, replay, cause);
  // Whoever tells people of dead letters would only make more of them.
  if (queue === "notification") return;
  if (job.opts.removeOnFail === true) return keepOne(ports, queue, partition, job.id, data);
  await tell(ports, queue, job.id, {
    agentId: agentId ?? "unknown",
    incidentId,
    signalId: null,
    kind: "page",
    what: "dead-letter",
    deadLetter: { queue, jobId: job.id },
  });
}

const DAY_MS = 86_400_000;

/**
 * A job whose id must be free again for the next of its kind leaves nothing to look at. It is worked once more under an id of its
 * own, one a day: what fails there is the dead letter, and the one that people are told of.
 */
async function keepOne(
  { queues, clock }: BuryPorts,
  queue: QueueName,
  partition: number,
  jobId: string,
  data: Record<string, unknown>,
): Promise<void> {
  const day = Math.floor((await clock.now()) / DAY_MS);
  await queues.of(queue, partition).add(queue, data, { jobId: `${jobId}-died-${day}`, attempts: 3 });
}

async function tell({ dispatch, queues, clock }: BuryPorts, queue: DeadQueue, jobId: string, page: NotificationJob) {
  const now = await clock.now();
  const pageId = `page-dead-letter-${queue}-${Math.floor(now / TOLD_EVERY_MS)}`;
  // The queue's name stands for an agent's: in whichever partition they died, their pages are counted in one.
  await dispatch.add("notification", queue, pageId, page);
  const told = await Promise.all(
    queues.all().flatMap((row) => (row.queue === "notification" ? [row.bull.getJob(pageId)] : [])),
  );
  if (told.some((one) => one?.data.deadLetter?.jobId === jobId)) return;
  const delayMs = TOLD_EVERY_MS - (now % TOLD_EVERY_MS);
  await dispatch.add("notification", queue, `${pageId}-more`, page, { delayMs });
}
