import type { Job } from "bullmq";
import type { DeadLetter, ReplayOrder, ReplayResult, Replays } from "../incident/dead-letter.ts";
import type { Phase } from "../incident/incident.ts";
import type { QueueName } from "../incident/jobs.ts";
import type { Clock, Incidents, Log } from "../incident/ports.ts";

export interface ReplayPorts {
  replays: Replays;
  incidents: Pick<Incidents, "load" | "note">;
  clock: Pick<Clock, "now">;
  log: Log;
}

/**
 * The ledger of actions forgets after 400 days (redis/actions.ts), and with it what must not be done twice: what is nearly as
 * old is not replayed (G14).
 */
const OLDEST_MS = 390 * 86_400_000;

const phases: Readonly<Record<QueueName, Phase>> = {
  freeze: "contain",
  contain: "contain",
  correlate: "detect",
  forensics: "learn",
  notification: "contain",
  recovery: "recover",
  watch: "detect",
};

/** One dead letter, with the partition and the queue's own job. */
export interface Dead {
  letter: DeadLetter;
  job: Job;
  place: { partition: number };
}

/**
 * Gives a dead letter back to its queue, its attempts begun anew, under its own id: an id that is added again does nothing
 * (guarantees.md section 8). Who asked is kept before that, so that no replay goes unrecorded; of two who ask at once one
 * replays.
 */
export async function replayOne(
  ports: ReplayPorts,
  { letter, job, place }: Dead,
  { by, reason, dryRun }: Pick<ReplayOrder, "by" | "reason" | "dryRun">,
): Promise<Pick<ReplayResult, "answer" | "detail">> {
  const { queue, id, cause, attempts, incidentId, agentId } = letter;
  if (letter.state !== "failed" || cause === null) return noLongerFailed(job);
  if ((await ports.clock.now()) - letter.addedAt > OLDEST_MS)
    return { answer: "too-old", detail: "what it did before may be forgotten by now, so it could be done twice" };
  if (dryRun) return { answer: "would-replay", detail: cause.message };

  const begun = await ports.replays.begin(place.partition, queue, id, { by, reason, cause, attempts });
  if (begun.answer === "not-failed") return noLongerFailed(job);
  if (begun.answer === "busy") return { answer: "being-replayed", detail: "somebody else replays it just now" };
  if (incidentId !== null && (await ports.incidents.load(incidentId)))
    await ports.incidents.note(incidentId, phases[queue], "dead-letter-replayed", {
      ...{ queue, jobId: id, replay: begun.number, by, reason, cause },
    });
  // So the worker knows whose end to record. Nothing of it reaches the flow.
  await job.updateData({ ...job.data, replay: begun.number });
  try {
    // Without it a job whose attempts are used up would die of its very next failure, whatever that was.
    await job.retry("failed", { resetAttemptsMade: true, resetAttemptsStarted: true });
  } catch (error) {
    if ((await job.getState()) === "failed") throw error;
    return noLongerFailed(job);
  }
  ports.log.info({ queue, jobId: id, replay: begun.number, incidentId, agentId, by, reason, ...cause }, "job.replayed");
  return { answer: "replayed", detail: `replay ${begun.number}` };
}

async function noLongerFailed(job: Job): Promise<Pick<ReplayResult, "answer" | "detail">> {
  const state = await job.getState();
  const where = state === "unknown" ? "gone" : state;
  return { answer: "no-longer-failed", detail: `it is ${where}` };
}
