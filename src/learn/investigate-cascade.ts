import { TourniquetError } from "../errors.ts";
import type { Cascades } from "../incident/cascade.ts";
import { type CascadeViewPorts, rootIncidentOf, viewCascade } from "../incident/cascade-view.ts";
import type { Gateway } from "../incident/gateway.ts";
import type { Incidents, Log } from "../incident/ports.ts";
import { known } from "./investigate.ts";
import { inText } from "./sources.ts";

export interface InvestigateCascadePorts extends CascadeViewPorts {
  gateway: Gateway;
  cascades: Pick<Cascades, "load">;
  incidents: Incidents;
  log: Log;
}

/** RB5: whatever began it may have begun long before anybody noticed. */
const BEFORE_MS = 24 * 3_600_000;

/**
 * The deep look at a cascade's root cause: a day of transactions and usage, and who belongs together, kept with the root's
 * incident as part "cascade". Throws while that incident is not open yet: the queue tries again.
 */
export async function investigateCascade(
  ports: InvestigateCascadePorts,
  { cascadeId }: { cascadeId: string },
): Promise<{ answer: "taken" | "no-cascade" | "over" }> {
  const cascade = await ports.cascades.load(cascadeId);
  if (!cascade) return { answer: "no-cascade" };
  const view = await viewCascade(ports, cascade);
  const incidentId = rootIncidentOf(view);
  if (incidentId === null) {
    // Held back by the cap, or dealt with before: then nobody will open one.
    const root = view.members.find(({ agentId }) => agentId === view.rootCause.agentId);
    if (view.status === "closed" || root?.standing !== "freezing") return { answer: "over" };
    throw new TourniquetError("step-failed", `the root cause of ${cascadeId} has no incident yet`);
  }
  const { agentId } = view.rootCause;
  const sinceMs = view.since - BEFORE_MS;
  const [transactions, usage] = await Promise.all([
    known(async () => ({ known: await ports.gateway.listTransactions(agentId, sinceMs) })),
    known(async () => ({ known: await ports.gateway.readUsage(agentId, sinceMs) })),
  ]);
  const evidence = { cascadeId, rootCause: view.rootCause, members: view.members, edges: view.edges };
  await ports.incidents.recordEvidence(incidentId, "cascade", inText({ ...evidence, transactions, usage }));
  await ports.incidents.note(incidentId, "learn", "evidence-taken", { part: "cascade", cascadeId });
  ports.log.info({ incidentId, agentId, cascadeId }, "evidence.taken");
  return { answer: "taken" };
}
