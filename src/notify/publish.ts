import type { Cascades } from "../incident/cascade.ts";
import { type CascadeViewPorts, viewCascade } from "../incident/cascade-view.ts";
import type { ActionKey } from "../incident/gateway.ts";
import type { About } from "../incident/jobs.ts";
import { sha256 } from "../incident/ledger.ts";
import type { Incidents } from "../incident/ports.ts";
import type { Settings } from "../settings/settings.ts";
import { announcementOf } from "./announcement.ts";
import { cascadeAnnouncement } from "./fleet-page.ts";
import { type PublishOncePorts, publishOnce } from "./publish-once.ts";

export interface PublishPorts extends CascadeViewPorts, PublishOncePorts {
  cascades: Pick<Cascades, "load">;
  incidents: Pick<Incidents, "view" | "load">;
  settings: Pick<Settings, "mode" | "gateway">;
}

export type PublishAnswer = "published" | "published-before" | "not-needed" | "nothing-to-say";

/** Tells the gateway's event bus (C5). */
export function publish(ports: PublishPorts, job: About): Promise<{ answer: PublishAnswer }> {
  return job.cascadeId === undefined ? publishIncident(ports, job) : publishCascade(ports, job.cascadeId);
}

/** The bus is readable by everybody: ids, durations and counts only, never amounts or names of others. */
async function publishIncident(ports: PublishPorts, job: About): Promise<{ answer: PublishAnswer }> {
  const { incidents, settings } = ports;
  const incident = job.incidentId ? await incidents.load(job.incidentId) : null;
  if (!incident) return { answer: "nothing-to-say" };
  if (incident.dryRun || settings.mode === "observe") return { answer: "not-needed" };
  const { id: incidentId, agentId } = incident;
  // Amounts stand in it, and the key goes over the wire.
  const again = job.occasion === undefined ? "" : `:${sha256(job.occasion).slice(0, 12)}`;
  const action = `publish:${incidentId}:${job.what}${again}` as ActionKey;
  const announcement = { ...announcementOf(incident, job.what), agentId, action, keptWith: agentId, incidentId };
  return { answer: await publishOnce(ports, announcement) };
}

/** A dry run announces nothing (P5). */
async function publishCascade(ports: PublishPorts, cascadeId: string): Promise<{ answer: PublishAnswer }> {
  const cascade = await ports.cascades.load(cascadeId);
  if (!cascade) return { answer: "nothing-to-say" };
  const view = await viewCascade(ports, cascade);
  if (view.members.every(({ status }) => status === null || status === "observed")) return { answer: "not-needed" };
  const { agentId } = view.rootCause;
  const action = `publish:${view.id}:cascade-failure` as ActionKey;
  // Who is the root cause may be seen otherwise later: the claim is kept with the cascade, not with that agent.
  const answer = await publishOnce(ports, { ...cascadeAnnouncement(view), agentId, action, keptWith: view.id });
  return { answer };
}
