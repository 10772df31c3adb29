import type { IncidentView, Priority } from "../incident/incident.ts";
import type { Verdict } from "../incident/verdict.ts";
import { planOf } from "../runbooks/plan.ts";

/** What a person is told (N3): what happened, dollars at risk, what was done, what is left. dedupKey: the same trouble pages once. */
export interface Notification {
  dedupKey: string;
  priority: Priority;
  title: string;
  lines: readonly string[];
}

const titles: Readonly<Record<string, (incident: IncidentView) => string>> = {
  contained: ({ agentId, dollars }) =>
    `Contained: ${agentId} is frozen, ${dollars.recovered} of ${dollars.locked} recovered`,
  "freeze-failing": ({ agentId }) => `The freeze of ${agentId} is failing; retrying. Freeze it by hand if you can`,
  "not-frozen-in-time": ({ agentId }) =>
    `${agentId} is still not frozen after 30 s; retrying. Freeze it by hand if you can`,
  "not-contained-in-time": ({ agentId, dollars }) =>
    `${agentId} is still not contained after 60 s, ${dollars.recovered} of ${dollars.locked} recovered; retrying. Please look`,
  observed: ({ agentId, decidedBy }) =>
    `Dry run: ${agentId} would have been contained (${decidedBy}); nothing was done`,
  "hold-breached": ({ agentId, reassertions }) =>
    `Somebody lifted the freeze of ${agentId} or spent past it (${reassertions} times so far); it is back`,
  "identity-compromise-suspected": ({ agentId }) => `${agentId} may not be who it says: its identity check failed`,
};

export function pageForIncident(incident: IncidentView, what: string): Notification {
  const title = titles[what]?.(incident) ?? `${what}: ${incident.agentId}`;
  const why = incident.signals.map((signal) => `Why: ${signal.why.sentence}`);
  const counts = (result: string) => incident.escrows.filter((escrow) => escrow.result === result).length;
  return {
    dedupKey: incident.id,
    priority: incident.priority,
    title,
    lines: [
      ...why,
      `Money: locked ${incident.dollars.locked}, recovered ${incident.dollars.recovered}, lost ${incident.dollars.lost}`,
      `Escrows: ${counts("recovered")} cancelled, ${counts("held") + counts("failed")} still held, ${counts("lost")} released to the payee first`,
      `Decided by: ${incident.decidedBy}`,
      ...lastTrouble(incident),
      `Left to do: ${planOf(incident).followUp.join("; ")}`,
      `Incident: ${incident.id}`,
    ],
  };
}

/** What went wrong last, in the gateway's or the network's own words: a wrong key reads otherwise than an outage. */
function lastTrouble({ timeline }: IncidentView): string[] {
  const message = timeline.findLast(({ detail }) => typeof detail.message === "string")?.detail.message;
  return message === undefined ? [] : [`Last trouble: ${message}`];
}

/** A warning alone: nothing was done, a person looks (P1). */
export function pageForSignal({ signal, decidedBy }: Verdict): Notification {
  return {
    dedupKey: signal.id,
    priority: "P2",
    title: `${signal.kind} (${signal.severity}) on ${signal.agentId}: nothing was done, please look`,
    lines: [`Why: ${signal.why.sentence}`, `Decided by: ${decidedBy}`],
  };
}
