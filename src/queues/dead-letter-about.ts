import type { DeadLetter } from "../incident/dead-letter.ts";
import type { Inbox } from "../incident/inbox.ts";
import type { JobData, QueueName } from "../incident/jobs.ts";
import type { Incidents } from "../incident/ports.ts";
import type { Verdicts } from "../incident/verdict.ts";

export interface AboutPorts {
  inbox: Pick<Inbox, "load">;
  incidents: Pick<Incidents, "load">;
  verdicts: Pick<Verdicts, "load">;
}

export type About = Pick<DeadLetter, "agentId" | "incidentId" | "eventId" | "eventType">;

type Ids = Record<"agentId" | "incidentId" | "eventId" | "signalId", string | null>;

/** What a job was about. Its data carries ids only; the rest is looked up where it is still kept. */
export async function aboutOf(ports: AboutPorts, data: JobData[QueueName]): Promise<About> {
  const ids = idsOf(data);
  const verdict = ids.agentId && ids.signalId ? await ports.verdicts.load(ids.agentId, ids.signalId) : null;
  const eventId = ids.eventId ?? verdict?.eventId ?? null;
  const event = eventId === null ? null : await ports.inbox.load(eventId);
  const incidentId = ids.incidentId ?? verdict?.incidentId ?? /^inc-\S+/.exec(event?.reason ?? "")?.[0] ?? null;
  const agentId =
    ids.agentId ?? event?.agentId ?? (incidentId ? ((await ports.incidents.load(incidentId))?.agentId ?? null) : null);
  return { agentId, incidentId, eventId, eventType: event?.type ?? null };
}

function idsOf(data: JobData[QueueName]): Ids {
  const said = ("shutdownFor" in data ? data.shutdownFor : data) as Partial<Ids> & { seeCapsOf?: string };
  const { agentId = said.seeCapsOf ?? null, incidentId = null, eventId = null, signalId = null } = said;
  return { agentId, incidentId, eventId, signalId };
}
