import type { Dispatch, JobData } from "../incident/jobs.ts";
import type { PageAbout, Pages } from "../incident/pages.ts";
import type { Clock, Incidents, Log } from "../incident/ports.ts";
import type { NotifySettings } from "../settings/people.ts";
import type { Attempt } from "./attempt.ts";
import type { Notification } from "./notification.ts";
import type { Notifiers } from "./notifiers/index.ts";
import { pageRules } from "./page-kinds.ts";
import { type PageJob, type PageOfPorts, pageOf } from "./page-of.ts";
import { routeOf, toldOf } from "./route.ts";

export interface TellPorts extends PageOfPorts {
  incidents: Pick<Incidents, "view" | "load" | "note">;
  pages: Pages;
  dispatch: Dispatch;
  notifiers: Notifiers;
  settings: { notify: NotifySettings };
  clock: Pick<Clock, "now">;
  log: Log;
}

export type TellAnswer = "sent" | "told-lately" | "log-only" | "not-needed" | "nothing-to-say";

/** A trouble that lasts is told again after so long; of one incident so many pages go out within an hour (docs/notifications.md). */
const AGAIN_MS = 600_000;
export const MOST_PER_HOUR = 12;

/**
 * Decides who is told, and adds a job for each, so that one that fails retries alone. The log line comes last, and what was
 * decided stands until then: a worker killed in here repeats this page, and adds none.
 */
export async function tell(
  ports: TellPorts,
  job: Extract<JobData["notification"], { kind: "page" }>,
  { jobId }: Pick<Attempt, "jobId">,
): Promise<{ answer: TellAnswer; channels?: readonly string[] }> {
  const notification = await pageOf(ports, job);
  if (notification === null) return { answer: "nothing-to-say" };
  if (notification === "not-needed") return { answer: "not-needed" };
  const about = aboutOf(job);
  const mostPerHour = pageRules[job.what].always ? null : MOST_PER_HOUR;
  const { answer, at, inHour } = await ports.pages.begin(about, jobId, { againMs: AGAIN_MS, mostPerHour });
  if (answer === "told") return { answer: "told-lately" };
  const channels = answer === "tell" ? await channelsFor(ports, job, notification) : [];
  const { kind: _, ...what } = job;
  for (const channel of channels) {
    const others = channels.filter((other) => other !== channel);
    const isLast = mostPerHour !== null && inHour >= mostPerHour;
    const send = { ...what, kind: "send", channel, at, others, ...(isLast && { isLast }) } as const;
    await ports.dispatch.add("notification", job.incidentId ?? job.agentId, `send-${jobId}-${at}-${channel}`, send);
  }
  await ports.notifiers.of("log")?.send({ id: jobId, at, now: at, notification });
  if (channels.length === 0 && job.incidentId !== null)
    await ports.incidents.note(job.incidentId, pageRules[job.what].phase, "page-sent", {
      channel: "log",
      what: job.what,
    });
  await ports.pages.done(about, jobId);
  return { answer: answer === "tell" ? "sent" : "log-only", channels };
}

/** Counted with its incident; what has none with the agent, the cascade or the question it is about. */
export function aboutOf({ agentId, incidentId, cascadeId, approvalId }: PageJob): PageAbout {
  return { agentId, incidentId, key: incidentId ?? cascadeId ?? approvalId ?? `agent-${agentId}` };
}

async function channelsFor(ports: TellPorts, { incidentId }: PageJob, notification: Notification) {
  const view = incidentId === null ? null : await ports.incidents.view(incidentId);
  return routeOf(notification, ports.settings.notify, ports.notifiers.configured, view ? toldOf(view) : []);
}
