import type { Incident } from "../incident/incident.ts";
import type { Dispatch } from "../incident/jobs.ts";
import type { Incidents } from "../incident/ports.ts";

type End = "resolved" | "superseded" | "stood-down";

/**
 * Once an incident is over, what follows from it: its post-mortem (F4), and people hear of it (N3). After the status, since a
 * post-mortem that waits too long for it is given up; whoever is to do it and dies leaves it to the next run of the same job. A dry
 * run did nothing. `beside` is done in the same breath.
 */
export async function tellOnce(
  { dispatch, incidents }: { dispatch: Dispatch; incidents: Pick<Incidents, "receipts" | "recordReceipt"> },
  { id, agentId, dryRun, cascadeId }: Pick<Incident, "id" | "agentId" | "dryRun" | "cascadeId">,
  what: End,
  beside: () => Promise<unknown> = async () => undefined,
): Promise<void> {
  if (dryRun || (await incidents.receipts(id)).has(TOLD)) return;
  const page = { agentId, incidentId: id, signalId: null, kind: "page", what } as const;
  await Promise.all([
    dispatch.add("forensics", id, `post-mortem-${id}`, { incidentId: id, part: "post-mortem" }),
    dispatch.add("notification", id, `page-${id}-over`, page),
    // The last of them ends its cascade; whether it is the last is seen when it is told.
    cascadeId !== null && dispatch.add("notification", id, `page-${id}-cascade-over`, cascadeOver(agentId, cascadeId)),
  ]);
  await beside();
  await incidents.recordReceipt(id, TOLD, "recover", { what });
}

const cascadeOver = (agentId: string, cascadeId: string) =>
  ({ agentId, incidentId: null, signalId: null, kind: "page", what: "cascade-over", cascadeId }) as const;

const TOLD = "tell-of-end";
