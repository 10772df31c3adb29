import { TourniquetError } from "../errors.ts";
import type { Cascades } from "../incident/cascade.ts";
import { type CascadeViewPorts, viewCascade } from "../incident/cascade-view.ts";
import type { Acknowledgement, Escalations } from "../incident/escalation.ts";
import type { Dispatch } from "../incident/jobs.ts";
import type { Incidents } from "../incident/ports.ts";
import type { Verdicts } from "../incident/verdict.ts";
import { whoAndWhy } from "../incident/who-and-why.ts";

export interface AcknowledgePorts extends CascadeViewPorts {
  escalations: Pick<Escalations, "acknowledge">;
  incidents: Pick<Incidents, "load" | "view">;
  verdicts: Pick<Verdicts, "load">;
  cascades: Pick<Cascades, "load">;
  dispatch: Dispatch;
}

export interface Acknowledged {
  incidentId: string;
  /** acknowledged-before: it stays with whoever had it. */
  status: Extract<Acknowledgement["answer"], "acknowledged" | "acknowledged-before">;
  by: string;
  /** Redis time in milliseconds. */
  at: number;
}

/**
 * A person takes an incident on: from this moment no further level of its escalation is told, whatever joins it later (N2).
 * Throws not-found, conflict where it is over, or input-invalid for a name that is none.
 */
export async function acknowledge(ports: AcknowledgePorts, incidentId: string, by: string): Promise<Acknowledged> {
  const { answer, by: who, at } = await ports.escalations.acknowledge(incidentId, whoAndWhy({ by }).by);
  if (answer === "unknown") throw new TourniquetError("not-found", `There is no incident ${incidentId}.`);
  if (answer === "over") throw new TourniquetError("conflict", `${incidentId} is over already.`);
  // Also the second time: whoever asked first may have died before this line, and the id is the same.
  const agentId = (await ports.incidents.load(incidentId))?.agentId ?? "";
  const about = { agentId, incidentId, signalId: null, what: "acknowledged" } as const;
  await ports.dispatch.add("notification", incidentId, `page-${incidentId}-acknowledged`, { ...about, kind: "page" });
  return { incidentId, status: answer, by: who, at };
}

/** Every incident of a cascade that is open now. Throws not-found, or conflict where all of them are over. */
export async function acknowledgeCascade(
  ports: AcknowledgePorts,
  cascadeId: string,
  by: string,
): Promise<{ cascadeId: string; incidents: Acknowledged[] }> {
  const cascade = await ports.cascades.load(cascadeId);
  if (!cascade) throw new TourniquetError("not-found", `There is no cascade ${cascadeId}.`);
  const { id, members } = await viewCascade(ports, cascade);
  const known = members.flatMap(({ incidentId }) => incidentId ?? []);
  const found = await Promise.all(known.map((incidentId) => acknowledgeIfOpen(ports, incidentId, by)));
  const incidents = found.filter((one) => one !== null);
  if (incidents.length === 0) throw new TourniquetError("conflict", `No incident of ${id} is open.`);
  const about = { agentId: "", incidentId: null, signalId: null, cascadeId: id };
  const page = { ...about, kind: "page", what: "cascade-acknowledged" } as const;
  await ports.dispatch.add("notification", "", `page-${id}-acknowledged`, page);
  return { cascadeId: id, incidents };
}

/** Null: it is over, which is no reason to leave the others. */
async function acknowledgeIfOpen(
  ports: AcknowledgePorts,
  incidentId: string,
  by: string,
): Promise<Acknowledged | null> {
  try {
    return await acknowledge(ports, incidentId, by);
  } catch (error) {
    if (error instanceof TourniquetError && error.code === "conflict") return null;
    throw error;
  }
}
