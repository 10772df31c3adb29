import { createHash } from "node:crypto";
import { describeError, isTransient } from "../errors.ts";
import type { Channel } from "../incident/escalation.ts";
import { isOver } from "../incident/incident.ts";
import type { JobData } from "../incident/jobs.ts";
import type { Attempt } from "./attempt.ts";
import { type HandOnPorts, handOn } from "./hand-on.ts";
import type { Notification } from "./notification.ts";
import type { Notifier } from "./notifiers/notifier.ts";
import { pageRules } from "./page-kinds.ts";
import { pageOf } from "./page-of.ts";
import { isPager } from "./route.ts";
import { aboutOf, MOST_PER_HOUR, type TellPorts } from "./tell.ts";

type SendJob = Extract<JobData["notification"], { kind: "send" }>;

export type SendPorts = TellPorts & HandOnPorts;

export type SendAnswer =
  | "delivered"
  | "delivered-before"
  | "not-configured"
  | "not-needed"
  | "handed-on"
  | "nothing-to-say";

/** From this attempt on, some 40 s, the other channels hear that this one does not answer; it is tried on meanwhile. */
const TELL_OTHERS_AFTER = 12;

/**
 * Tells one channel. What it did is noted in the incident; killed before that it tells again, under the same id, which every
 * receiver can tell from a second page. Throws where the queue is to try again.
 */
export async function send(
  ports: SendPorts,
  job: SendJob,
  attempt: Attempt,
  abort?: AbortSignal,
): Promise<{ answer: SendAnswer; channel: string; answerId?: string | null }> {
  const { channel } = job;
  const notifier = ports.notifiers.of(channel);
  if (!notifier) return { answer: "not-configured", channel };
  if (await wasDelivered(ports, job, attempt)) return { answer: "delivered-before", channel };
  const notification = await pageOf(ports, job);
  if (notification === null) return { answer: "nothing-to-say", channel };
  if (notification === "not-needed")
    return { answer: (await handOn(ports, job)) ? "handed-on" : "not-needed", channel };
  try {
    const answerId = await deliver(ports, notifier, lastOfHour(job, notification), { job, attempt, abort });
    await ports.pages.count(channel, "delivered");
    await note(ports, job, "page-sent", { page: attempt.jobId, ...(answerId !== null && { answerId }) });
    return { answer: "delivered", channel, answerId };
  } catch (error) {
    const isFinal = !isTransient(error) || attempt.isLast;
    await ports.pages.count(channel, isFinal ? "given-up" : "failed");
    if (isFinal || attempt.number >= TELL_OTHERS_AFTER) await tellOthers(ports, job, attempt);
    if (isFinal) await giveUp(ports, job, attempt, error);
    throw error;
  }
}

async function wasDelivered({ incidents }: TellPorts, { incidentId, channel }: SendJob, { jobId }: Attempt) {
  const view = incidentId === null ? null : await incidents.view(incidentId);
  return view?.timeline.some(
    ({ what, detail }) => what === "page-sent" && detail.page === jobId && detail.channel === channel,
  );
}

/** A pager does not ring for what is over by now: a page that comes late, or crosses the end on its way, closes the alert. */
async function deliver(
  ports: SendPorts,
  notifier: Notifier,
  notification: Notification,
  { job, attempt, abort }: { job: SendJob; attempt: Attempt; abort: AbortSignal | undefined },
): Promise<string | null> {
  const now = await ports.clock.now();
  const at = job.at ?? now;
  const limits = { deadlineMs: ports.settings.notify.deadlineMs, ...(abort && { signal: abort }) };
  const push = (one: Notification) =>
    notifier.send({ id: messageId(attempt.jobId), at, now, notification: one }, limits);
  const isAlert = isPager(job.channel) && notification.dedupKey === job.incidentId && notification.action !== "resolve";
  const closing = { ...notification, action: "resolve" } as const;
  const isLate = isAlert && (await isIncidentOver(ports, job));
  if (isLate) await handOn(ports, job);
  const { answerId } = await push(isLate ? closing : notification);
  if (isAlert && !isLate && (await isIncidentOver(ports, job))) await push(closing);
  return answerId;
}

async function isIncidentOver({ incidents }: TellPorts, { incidentId }: SendJob): Promise<boolean> {
  const incident = incidentId === null ? null : await incidents.load(incidentId);
  return incident !== null && isOver(incident.status);
}

/** The same at every attempt, and for no other page: what a receiver of webhooks tells repeats by. */
function messageId(jobId: string): string {
  return `msg_${createHash("sha256").update(jobId).digest("hex").slice(0, 32)}`;
}

function lastOfHour({ isLast, incidentId }: SendJob, notification: Notification): Notification {
  if (!isLast) return notification;
  const where = incidentId === null ? "the log" : `the log and npx tourniquet incidents show ${incidentId}`;
  const line = `This is page ${MOST_PER_HOUR} within an hour; what follows is for now only in ${where}`;
  return { ...notification, lines: [line, ...notification.lines] };
}

function note(ports: TellPorts, job: SendJob, what: "page-sent" | "page-failed", detail: Record<string, unknown>) {
  if (job.incidentId === null) return;
  const { channel, what: kind } = job;
  return ports.incidents.note(job.incidentId, pageRules[kind].phase, what, { channel, what: kind, ...detail });
}

/** Once each, under names of their own. That one channel fails rings no pager for what would not have rung it. */
async function tellOthers(ports: TellPorts, job: SendJob, { jobId }: Attempt): Promise<void> {
  if (job.channel === "log" || job.what === "page-failed") return;
  const { kind: _, others = [], isLast: __, ...rest } = job;
  const failed = { channel: job.channel, what: job.what };
  const mayRing = pageRules[job.what].wakes;
  for (const channel of others.filter((other) => mayRing || !isPager(other))) {
    const page = { ...rest, kind: "send", what: "page-failed", channel, failed } as const;
    await ports.dispatch.add("notification", job.incidentId ?? job.agentId, `${jobId}-failed-${channel}`, page);
  }
}

/** Stands in the incident; where nobody at all could be told, it is the loudest line there is. */
async function giveUp(ports: TellPorts, job: SendJob, { jobId }: Attempt, error: unknown): Promise<void> {
  const { code, message: reason } = describeError(error);
  await note(ports, job, "page-failed", { page: jobId, code, reason });
  if (job.channel === "log" || job.what === "page-failed") return;
  const all: readonly Channel[] = [job.channel, ...(job.others ?? [])];
  const page = `${job.what}-${job.at ?? jobId}`;
  const failed = await ports.pages.failed(aboutOf(job), `${aboutOf(job).key}-${page}`, job.channel);
  if (!all.every((channel) => failed.includes(channel))) return;
  const { agentId, incidentId, what } = job;
  ports.log.error({ agentId, incidentId, what, channels: all, reason }, "page.lost");
  await ports.pages.count(job.channel, "lost");
}
