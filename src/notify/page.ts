import type { IncidentView, Priority } from "../incident/incident.ts";
import type { Verdict } from "../incident/verdict.ts";
import { planOf } from "../runbooks/plan.ts";
import { alsoDone, holdsBack, theMeasure } from "./what-was-done.ts";

/** What a person is told (N3): what happened, dollars at risk, what was done, what is left. dedupKey: the same trouble pages once. */
export interface Notification {
  dedupKey: string;
  priority: Priority;
  title: string;
  lines: readonly string[];
}

const titles: Readonly<Record<string, (incident: IncidentView) => string>> = {
  contained,
  "freeze-failing": ({ agentId }) => `The freeze of ${agentId} is failing; retrying. Freeze it by hand if you can`,
  "agent-control-failing": ({ agentId }) =>
    `What runs ${agentId} does not do what it is asked to; retrying. Stop it by hand if you can`,
  "not-frozen-in-time": (incident) =>
    theMeasure(incident) === "freeze"
      ? `${incident.agentId} is still not frozen after 30 s; retrying. Freeze it by hand if you can`
      : `The ${theMeasure(incident)} of ${incident.agentId} has still not taken effect after 30 s; retrying. Please look`,
  "not-contained-in-time": ({ agentId, dollars }) =>
    `${agentId} is still not contained after 60 s, ${dollars.recovered} of ${dollars.locked} recovered; retrying. Please look`,
  observed: ({ agentId, decidedBy }) =>
    `Dry run: ${agentId} would have been contained (${decidedBy}); nothing was done`,
  "hold-breached": (incident) =>
    `Somebody lifted the ${theMeasure(incident)} of ${incident.agentId} or ${theMeasure(incident) === "freeze" ? "spent past it" : "loosened what holds it back"} (${incident.reassertions} times so far); it is back`,
  "identity-compromise-suspected": ({ agentId }) => `${agentId} may not be who it says: its identity check failed`,
};

function contained(incident: IncidentView): string {
  const { agentId, dollars } = incident;
  const back = holdsBack(incident);
  if (back.length === 0) return `Please look at ${agentId}: nothing could be done to it, and it goes on`;
  const money = planOf(incident).escrows === "none" ? [] : [`${dollars.recovered} of ${dollars.locked} recovered`];
  return `Contained: ${agentId} ${[...back, ...money].join(", ")}`;
}

export function pageForIncident(incident: IncidentView, what: string): Notification {
  const title = titles[what]?.(incident) ?? `${what}: ${incident.agentId}`;
  const counts = (result: string) => incident.escrows.filter((escrow) => escrow.result === result).length;
  return {
    dedupKey: incident.id,
    priority: incident.priority,
    title,
    lines: [
      ...whys(incident),
      `Money: locked ${incident.dollars.locked}, recovered ${incident.dollars.recovered}, lost ${incident.dollars.lost}`,
      `Escrows: ${counts("recovered")} cancelled, ${counts("held") + counts("failed")} still held, ${counts("lost")} released to the payee first`,
      ...alsoDone(incident),
      `Decided by: ${incident.decidedBy}`,
      ...lastTrouble(incident),
      `Left to do: ${planOf(incident).followUp.join("; ")}`,
      `Incident: ${incident.id}`,
    ],
  };
}

/** Each once: a member of a cascade has its own sentence, and the same again with the cascade it is part of. */
function whys({ signals }: IncidentView): string[] {
  const sentences = [...new Set(signals.map(({ why }) => why.sentence.replace(/\.$/, "")))];
  return sentences
    .filter((one) => !sentences.some((other) => other.startsWith(`${one}. `)))
    .map((sentence) => `Why: ${sentence}`);
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
