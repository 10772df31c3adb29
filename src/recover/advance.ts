import type { Incident } from "../incident/incident.ts";
import type { KeptRecovery, RecoveryEntry } from "../incident/recovery.ts";
import type { RecoverPorts } from "./ports.ts";

type Change = Partial<Omit<KeptRecovery, "change">>;

/**
 * One change of a recovery, and the page that tells of it: the page shows the incident as it is after the change, so it is added
 * then, and a worker that dies in between leaves it to the next look. Null: somebody else changed it first.
 */
export async function advance(
  ports: Pick<RecoverPorts, "recoveries" | "dispatch">,
  incident: Pick<Incident, "id" | "agentId">,
  from: KeptRecovery,
  change: Change,
  entry: RecoveryEntry,
): Promise<KeptRecovery | null> {
  const stands = await ports.recoveries.change(incident.id, from, { ...from, ...change }, entry);
  return stands && tellPage(ports, incident, stands);
}

/** What people are still to be told, once: the job has a fixed id. */
export async function tellPage(
  { recoveries, dispatch }: Pick<RecoverPorts, "recoveries" | "dispatch">,
  { id, agentId }: Pick<Incident, "id" | "agentId">,
  recovery: KeptRecovery,
): Promise<KeptRecovery | null> {
  if (recovery.page === null) return recovery;
  const { jobId, what } = recovery.page;
  await dispatch.add("notification", id, jobId, { agentId, incidentId: id, signalId: null, kind: "page", what });
  return recoveries.change(id, recovery, { ...recovery, page: null }, null);
}
