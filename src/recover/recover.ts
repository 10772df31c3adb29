import { type Incident, isOver } from "../incident/incident.ts";
import type { JobData } from "../incident/jobs.ts";
import type { KeptRecovery } from "../incident/recovery.ts";
import { followUp } from "./advance.ts";
import { type BeginAnswer, beginRecovery } from "./begin.ts";
import { tellOfEnd } from "./end.ts";
import { type LookAnswer, look } from "./look.ts";
import type { RecoverPorts } from "./ports.ts";
import { releaseAgents } from "./release.ts";

export type RecoverAnswer =
  | "over"
  | "not-asked"
  /** New trouble joined since it was asked; once that is contained, the recovery is refused. */
  | "not-contained"
  | BeginAnswer
  | LookAnswer;

/**
 * Does whatever this recovery still lacks (R1, R2): the gates, the hold lifted, the rung that is due, the look every 30 s. Safe to
 * run at any time, any number of times: jobs and the ticker only wake it, and Redis time alone says what is due. Throws while the
 * gateway or the agent's platform has not answered: the queue tries again, and goes on where this stopped.
 */
export async function recover(
  ports: RecoverPorts,
  { incidentId }: JobData["recovery"],
  abort: AbortSignal,
): Promise<{ answer: RecoverAnswer }> {
  const [incident, recovery] = await Promise.all([ports.incidents.load(incidentId), ports.recoveries.load(incidentId)]);
  if (!incident) return { answer: "over" };
  if (isOver(incident.status)) {
    await tellOfEnd(ports, incident, abort);
    return { answer: "over" };
  }
  if (!recovery || incident.standDown) return { answer: "not-asked" };
  const end = await goOn(ports, incident, recovery, abort);
  if (end.answer !== "standing")
    ports.log.info({ incidentId, agentId: incident.agentId, rung: recovery.rung, ...end }, "recovery.looked");
  return end;
}

async function goOn(
  ports: RecoverPorts,
  incident: Incident,
  recovery: KeptRecovery,
  abort: AbortSignal,
): Promise<{ answer: RecoverAnswer }> {
  if (incident.status === "recovering") {
    const end = await look(ports, incident, recovery, abort);
    if (end.isFree) await releaseAgents(ports, incident, abort);
    return { answer: end.answer };
  }
  if (incident.status !== "contained") return { answer: "not-contained" };
  const told = await followUp(ports, incident, recovery);
  const { answer } = told ? await beginRecovery(ports, incident, told, abort) : { answer: "changed" as const };
  // The hold is lifted: the first rung is taken at once.
  return answer === "begun" ? recover(ports, { incidentId: incident.id }, abort) : { answer };
}
