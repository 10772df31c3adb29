import { TourniquetError } from "../../errors.ts";
import type { Gateway } from "../../incident/gateway.ts";
import { type Incident, isOver } from "../../incident/incident.ts";
import type { Dispatch } from "../../incident/jobs.ts";
import type { Incidents, Log } from "../../incident/ports.ts";
import type { PostMortems } from "../../incident/post-mortem.ts";
import { askAll } from "../investigate.ts";
import { type KeptEventPorts, keepEvents } from "../kept-events.ts";
import { inText, moneySources, takenNow } from "../sources.ts";
import { keepSpend, type SpendPorts } from "../spend.ts";
import { type DraftPorts, draftPostMortem } from "./post-mortem.ts";

export interface WritePostMortemPorts extends DraftPorts, KeptEventPorts, SpendPorts {
  gateway: Gateway;
  incidents: Incidents;
  postMortems: PostMortems;
  dispatch: Pick<Dispatch, "add">;
  log: Log;
}

/**
 * F4: the post-mortem of an incident that is over, written once and told once. Safe to run at any time, any number of times, and
 * to be killed anywhere: what stands is never written anew, and what follows from it goes out under fixed ids until that is
 * marked. Throws step-failed while the incident is not over: the job was added before its end was written.
 */
export async function writePostMortem(
  ports: WritePostMortemPorts,
  { incidentId }: { incidentId: string },
): Promise<{ answer: "written" | "known" | "no-incident" }> {
  const incident = await ports.incidents.load(incidentId);
  if (!incident) return { answer: "no-incident" };
  if (!isOver(incident.status))
    throw new TourniquetError("step-failed", `${incidentId} is not over yet: ${incident.status}`);
  if (await ports.postMortems.isTold(incidentId)) return { answer: "known" };
  const isKnown = (await ports.postMortems.load(incidentId)) !== null;
  if (!isKnown) await write(ports, incident);
  await tell(ports, incident);
  await ports.postMortems.told(incidentId);
  return { answer: isKnown ? "known" : "written" };
}

async function write(ports: WritePostMortemPorts, incident: Incident): Promise<void> {
  await completeEvidence(ports, incident);
  await keepSpend(ports, incident);
  const draft = await draftPostMortem(ports, incident.id);
  if (!draft) throw new TourniquetError("not-found", `no incident ${incident.id}`);
  await ports.postMortems.keep(incident.id, draft);
  ports.log.info({ incidentId: incident.id, agentId: incident.agentId }, "post-mortem.written");
}

/**
 * What was not kept yet: the events of signals that joined late, and, where the incident ended before its window closed, where
 * the money is. A gateway that is away now holds no post-mortem up: what it does not say is unknown.
 */
async function completeEvidence(ports: WritePostMortemPorts, incident: Incident): Promise<void> {
  const before = await ports.incidents.evidence(incident.id);
  if ("at-end" in before) return;
  const { events, ...rest } = await keepEvents(ports, await ports.incidents.signals(incident.id), before);
  const fresh = events.filter((event) => "receivedAt" in event);
  const isEarly = !("after" in before);
  if (!isEarly && fresh.length === 0) return;
  const answers = isEarly ? await askAll(Object.entries(moneySources(ports.gateway, incident))) : [];
  const taken = await takenNow(ports, incident);
  const evidence = { ...taken, ...Object.fromEntries(answers), events: fresh, ...rest };
  await ports.incidents.recordEvidence(incident.id, "at-end", inText(evidence));
}

/** The bus hears ids, durations and counts; people hear where to read it. */
async function tell({ dispatch }: WritePostMortemPorts, { id, agentId }: Incident): Promise<void> {
  const about = { agentId, incidentId: id, signalId: null, what: "post-mortem" } as const;
  await dispatch.add("notification", id, `publish-${id}-post-mortem`, { ...about, kind: "publish" });
  await dispatch.add("notification", id, `page-${id}-post-mortem`, { ...about, kind: "page" });
}
