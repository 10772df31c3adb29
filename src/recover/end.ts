import type { Incident } from "../incident/incident.ts";
import type { KeptRecovery } from "../incident/recovery.ts";
import { isAsk } from "../incident/reins.ts";
import { tellOnce } from "./end-jobs.ts";
import type { RecoverPorts } from "./ports.ts";
import { raiseCaps } from "./raise.ts";
import { releaseAgents } from "./release.ts";
import { rungRaise } from "./rung.ts";
import { tellOfRecovery } from "./tell-of-recovery.ts";

/**
 * Watching is as on other days again (R2). Redis decides in the act itself whether it is resolved or new trouble came first: only
 * then is it known what people are to be told, and `tellOfEnd` makes up for a worker that dies in between.
 */
export async function resolve(
  ports: RecoverPorts,
  incident: Incident,
  recovery: KeptRecovery,
  abort: AbortSignal,
): Promise<{ answer: "resolved" | "superseded" | "changed" }> {
  const { stepBacks, by } = recovery;
  const end = await ports.recoveries.end(incident.id, recovery, { what: "resolved", detail: { by, stepBacks } });
  if (end.answer === "stale") return { answer: "changed" };
  const over = await ports.incidents.load(incident.id);
  if (over) await tellOfEnd(ports, over, abort);
  return { answer: end.answer };
}

/** Once, whoever was to do it and died: what follows from the end of this incident, and that the agent is back (R4). */
export async function tellOfEnd(ports: RecoverPorts, incident: Incident, abort: AbortSignal): Promise<void> {
  if (incident.status !== "resolved" || incident.recovery === null) return;
  const what = incident.supersededBy === null ? "resolved" : "superseded";
  await tellOnce(ports, incident, what, () => tellOfRecovery(ports, incident, abort));
}

/**
 * New trouble took its place (R3). What it may have sent is undone first, and what it still held back of agents is the new
 * incident's: nobody else would give it back one day.
 */
export async function supersede(
  ports: RecoverPorts,
  incident: Incident,
  recovery: KeptRecovery,
  abort: AbortSignal,
): Promise<{ answer: "superseded" | "resolved" | "changed" }> {
  const successor = await ports.recoveries.successor(incident.agentId, incident.id);
  const raise = await rungRaise(ports, incident, recovery);
  if (raise) await raiseCaps(ports, raise, abort);
  if (successor !== null) await handOverReins(ports, incident, successor);
  await releaseAgents(ports, incident, abort);
  return resolve(ports, incident, recovery, abort);
}

async function handOverReins({ marks, incidents }: RecoverPorts, incident: Incident, to: string): Promise<void> {
  const handedOver: string[] = [];
  for (const { whom, what } of await marks.leftBy(incident.id, "agent")) {
    const mine = (await marks.on("agent", whom)).find((mark) => mark.incidentId === incident.id && mark.what === what);
    if (!mine || mine.withdrawn || !isAsk(what)) continue;
    // The first of each word stays: where the new incident asks the same of it, that is enough.
    if (!(await marks.leave("agent", whom, { ...mine, incidentId: to }))) continue;
    await marks.forget("agent", whom, { incidentId: incident.id, what });
    handedOver.push(`${whom}: ${what}`);
  }
  if (handedOver.length > 0) await incidents.note(incident.id, "recover", "reins-handed-over", { to, handedOver });
}
