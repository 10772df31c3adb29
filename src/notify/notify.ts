import { TourniquetError } from "../errors.ts";
import { viewCascade } from "../incident/cascade-view.ts";
import type { ActionKey, Gateway } from "../incident/gateway.ts";
import type { JobData } from "../incident/jobs.ts";
import type { Incidents, Log } from "../incident/ports.ts";
import type { Verdicts } from "../incident/verdict.ts";
import type { Settings } from "../settings/settings.ts";
import { announcementOf } from "./announcement.ts";
import { cascadeAnnouncement, type FleetPagePorts, fleetPage } from "./fleet-page.ts";
import { notifiers } from "./notifiers/index.ts";
import { pageForIncident, pageForSignal } from "./page.ts";
import { hasTakenHold } from "./what-was-done.ts";

export interface NotifyPorts extends FleetPagePorts {
  gateway: Gateway;
  incidents: Incidents;
  verdicts: Verdicts;
  settings: Pick<Settings, "mode">;
  log: Log;
}

export type NotifyAnswer = "sent" | "not-needed" | "published" | "nothing-to-say";

/** Tells people, and the gateway's event bus (C5). A failure here retries alone and never touches containment. */
export async function notify(ports: NotifyPorts, job: JobData["notification"]): Promise<{ answer: NotifyAnswer }> {
  if (job.kind === "page") return page(ports, job);
  return job.cascadeId === undefined ? publish(ports, job) : publishCascade(ports, job.cascadeId);
}

async function page(ports: NotifyPorts, job: JobData["notification"]): Promise<{ answer: NotifyAnswer }> {
  const notification = await pageOf(ports, job);
  if (!notification) return { answer: "nothing-to-say" };
  if (notification === "not-needed") return { answer: "not-needed" };
  for (const notifier of notifiers) await notifier.send(notification, ports.log);
  return { answer: "sent" };
}

async function pageOf(ports: NotifyPorts, job: JobData["notification"]) {
  if (job.cascadeId !== undefined || job.approvalId !== undefined) return fleetPage(ports, job);
  return job.incidentId ? incidentPage(ports, job.incidentId, job.what) : signalPage(ports, job);
}

async function incidentPage({ incidents }: NotifyPorts, incidentId: string, what: string) {
  const incident = await incidents.view(incidentId);
  if (!incident) return null;
  // These pages wait for the moment when something should have come about (G13); mostly it has.
  const cameAbout: Readonly<Record<string, boolean>> = {
    "not-frozen-in-time": hasTakenHold(incident),
    "not-contained-in-time": incident.status !== "detected" && incident.status !== "containing",
  };
  const isAwaited = what in cameAbout;
  if (isAwaited && (incident.dryRun || incident.closedAt !== null || cameAbout[what])) return "not-needed";
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

/** A dry run announces nothing (P5). */
async function publishCascade(ports: NotifyPorts, cascadeId: string): Promise<{ answer: NotifyAnswer }> {
  const cascade = await ports.cascades.load(cascadeId);
  if (!cascade) return { answer: "nothing-to-say" };
  const view = await viewCascade(ports, cascade);
  if (view.members.every(({ status }) => status === null || status === "observed")) return { answer: "not-needed" };
  const { eventType, payload } = cascadeAnnouncement(view);
  const action = `publish:${view.id}:cascade-failure` as ActionKey;
  const outcome = await ports.gateway.publishEvent(view.rootCause.agentId, eventType, payload, action);
  if (outcome.outcome === "done") return { answer: "published" };
  throw new TourniquetError("step-failed", `could not publish ${eventType}: ${outcome.error.message}`);
}
