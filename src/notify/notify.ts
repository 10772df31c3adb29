import { TourniquetError } from "../errors.ts";
import type { ActionKey, Gateway } from "../incident/gateway.ts";
import type { JobData } from "../incident/jobs.ts";
import type { Incidents, Log } from "../incident/ports.ts";
import type { Verdicts } from "../incident/verdict.ts";
import type { Settings } from "../settings/settings.ts";
import { announcementOf } from "./announcement.ts";
import { notifiers } from "./notifiers/index.ts";
import { pageForIncident, pageForSignal } from "./page.ts";

export interface NotifyPorts {
  gateway: Gateway;
  incidents: Incidents;
  verdicts: Verdicts;
  settings: Pick<Settings, "mode">;
  log: Log;
}

export type NotifyAnswer = "sent" | "not-needed" | "published" | "nothing-to-say";

/** Tells people, and the gateway's event bus (C5). A failure here retries alone and never touches containment. */
export async function notify(ports: NotifyPorts, job: JobData["notification"]): Promise<{ answer: NotifyAnswer }> {
  return job.kind === "publish" ? publish(ports, job) : page(ports, job);
}

async function page(ports: NotifyPorts, job: JobData["notification"]): Promise<{ answer: NotifyAnswer }> {
  const notification = job.incidentId
    ? await incidentPage(ports, job.incidentId, job.what)
    : await signalPage(ports, job);
  if (!notification) return { answer: "nothing-to-say" };
  if (notification === "not-needed") return { answer: "not-needed" };
  for (const notifier of notifiers) await notifier.send(notification, ports.log);
  return { answer: "sent" };
}

async function incidentPage({ incidents }: NotifyPorts, incidentId: string, what: string) {
  const incident = await incidents.view(incidentId);
  if (!incident) return null;
  // These pages wait for the moment when something should have come about (G13); mostly it has.
  const cameAbout = { "not-frozen-in-time": incident.effectiveAt, "not-contained-in-time": incident.containedAt }[what];
  if (cameAbout !== undefined && (incident.dryRun || (cameAbout ?? incident.closedAt) !== null)) return "not-needed";
  return pageForIncident(incident, what);
}

async function signalPage({ verdicts }: NotifyPorts, job: JobData["notification"]) {
  const verdict = job.signalId ? await verdicts.load(job.agentId, job.signalId) : null;
  return verdict ? pageForSignal(verdict) : null;
}

/** The bus is readable by everybody: ids, durations and counts only, never amounts or names of others. */
async function publish(
  { gateway, incidents, settings }: NotifyPorts,
  job: JobData["notification"],
): Promise<{ answer: NotifyAnswer }> {
  const incident = job.incidentId ? await incidents.load(job.incidentId) : null;
  if (!incident) return { answer: "nothing-to-say" };
  if (incident.dryRun || settings.mode === "observe") return { answer: "not-needed" };
  const { eventType, payload } = announcementOf(incident, job.what);
  const outcome = await gateway.publishEvent(
    incident.agentId,
    eventType,
    payload,
    `publish:${incident.id}:${job.what}` as ActionKey,
  );
  if (outcome.outcome === "done") return { answer: "published" };
  throw new TourniquetError("step-failed", `could not publish ${eventType}: ${outcome.error.message}`);
}
