import type { Incident } from "../incident/incident.ts";
import type { KeptRecovery, RecoveryEntry } from "../incident/recovery.ts";
import { containAnew, isLeftFree } from "./contain-anew.ts";
import type { RecoverPorts } from "./ports.ts";

type Change = Partial<Omit<KeptRecovery, "change">>;

/**
 * One change of a recovery, and what follows from it: the page, which shows the incident as it is after the change, and the
 * containment that a relapse asks for. Both come after it, and a worker that dies in between leaves them to the next look. Null:
 * somebody else changed it first, and nothing follows.
 */
export async function advance(
  ports: RecoverPorts,
  incident: Incident,
  from: KeptRecovery,
  change: Change,
  entry: RecoveryEntry,
  options?: { unlessWarned: boolean },
): Promise<KeptRecovery | null> {
  const stands = await ports.recoveries.change(incident.id, from, { ...from, ...change }, entry, options);
  return stands && followUp(ports, incident, stands);
}

/**
 * What still follows from the last change, once: the signal and the job have fixed ids. What observe-only mode leaves undone stays
 * asked for, and every look asks again.
 */
export async function followUp(
  ports: RecoverPorts,
  incident: Incident,
  recovery: KeptRecovery,
): Promise<KeptRecovery | null> {
  const { page, containAnew: why } = recovery;
  const isLeft = why !== null && (await isLeftFree(ports, incident));
  if (page === null && (why === null || isLeft)) return recovery;
  const { id, agentId } = incident;
  if (why !== null && !isLeft) await containAnew(ports, incident, recovery, why);
  if (page !== null) {
    const data = { agentId, incidentId: id, signalId: null, kind: "page", what: page.what } as const;
    await ports.dispatch.add("notification", id, page.jobId, data);
  }
  return ports.recoveries.change(id, recovery, { ...recovery, page: null, containAnew: isLeft ? why : null }, null);
}
