import type { Incident } from "../incident/incident.ts";
import type { Dispatch } from "../incident/jobs.ts";

type End = "resolved" | "superseded" | "stood-down";

/** What follows from the end of an incident, each once: its post-mortem (F2), and people hear of it (N3). A dry run did nothing. */
export async function addEndJobs(
  { dispatch }: { dispatch: Dispatch },
  { id, agentId, dryRun }: Pick<Incident, "id" | "agentId" | "dryRun">,
  what: End,
): Promise<void> {
  if (dryRun) return;
  const page = { agentId, incidentId: id, signalId: null, kind: "page", what } as const;
  await Promise.all([
    dispatch.add("forensics", id, `post-mortem-${id}`, { incidentId: id, part: "post-mortem" }),
    dispatch.add("notification", id, `page-${id}-over`, page),
  ]);
}
