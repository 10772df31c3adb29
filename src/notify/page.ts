import { leftByHand } from "../incident/by-hand.ts";
import type { IncidentView } from "../incident/incident.ts";
import { channelName } from "../incident/plain-words.ts";
import type { Verdict } from "../incident/verdict.ts";
import { thenToDo } from "../runbooks/left-to-do.ts";
import { atRisk } from "./at-risk.ts";
import type { Notification } from "./notification.ts";
import { pageRules } from "./page-kinds.ts";
import { type IncidentPageKind, titles } from "./titles.ts";
import { alsoDone } from "./what-was-done.ts";

/** What a page says, before it is known how it is told. */
export type Draft = Pick<Notification, "dedupKey" | "priority" | "title" | "lines">;

/** One alert an incident: whatever else is told of it later belongs to the same one. */
export function pageForIncident(incident: IncidentView, what: IncidentPageKind): Draft {
  return {
    dedupKey: incident.id,
    priority: incident.priority,
    title: titles[what](incident),
    lines: [
      ...whoWasTold(incident, what),
      ...byHand(incident),
      ...whys(incident),
      atRisk(incident),
      `Money: locked ${incident.dollars.locked}, recovered ${incident.dollars.recovered}, lost ${incident.dollars.lost}`,
      ...escrowLine(incident),
      ...alsoDone(incident),
      `Decided by: ${incident.decidedBy}`,
      ...lastTrouble(incident),
      ...leftToDo(incident, what),
      ...howToAcknowledge(incident, what),
      `Incident: ${incident.id}`,
    ],
  };
}

/** The next in the chain asks first who knows already (N2). */
function whoWasTold({ timeline, acknowledged }: IncidentView, what: IncidentPageKind): string[] {
  if (what === "acknowledged" && acknowledged) return ["Nobody else is woken for this incident"];
  if (what !== "escalated") return [];
  const sent = timeline.filter((entry) => entry.what === "page-sent" && entry.detail.what !== "escalated");
  const told = [...new Set(sent.map(({ detail }) => String(detail.channel)))].filter((channel) => channel !== "log");
  return [
    told.length === 0
      ? "Told before: nobody, only the log"
      : `Told before, without an answer: ${told.map(channelName).join(", ")}`,
  ];
}

function escrowLine({ escrows }: IncidentView): string[] {
  const counts = (result: string) => escrows.filter((escrow) => escrow.result === result).length;
  const held = counts("held") + counts("failed");
  return [
    `Escrows: ${counts("recovered")} cancelled, ${held} still held, ${counts("lost")} released to the payee first`,
  ];
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

/** Ahead of all else: nobody but the reader does it. */
const byHand = (incident: IncidentView): string[] =>
  leftByHand(incident).map((one, index) => (index === 0 ? `Left to do first: ${one}` : `And: ${one}`));

function leftToDo(incident: IncidentView, what: IncidentPageKind): string[] {
  if (what === "post-mortem") return [`Read it: npx tourniquet incidents post-mortem ${incident.id}`];
  return [`Left to do: ${thenToDo(incident).join("; ")}`];
}

/** Nobody remembers at night how an incident is taken on. A dry run wakes nobody further. */
function howToAcknowledge({ id, dryRun, acknowledged, closedAt }: IncidentView, what: IncidentPageKind): string[] {
  if (!pageRules[what].wakes || dryRun || acknowledged !== null || closedAt !== null) return [];
  return [takeOn(id, `/api/incidents/${id}/acknowledge`)];
}

/** What somebody does who has it: an incident, or all of a cascade. */
export function takeOn(id: string, path: string): string {
  return `Take it on, so that nobody else is woken: npx tourniquet incidents ack ${id} --by NAME, or POST ${path}`;
}

/** A warning alone: nothing was done, a person looks (P1). */
export function pageForSignal({ signal, decidedBy }: Verdict): Draft {
  return {
    dedupKey: signal.id,
    priority: "P2",
    title: `${signal.kind} (${signal.severity}) on ${signal.agentId}: nothing was done, please look`,
    lines: [
      `Why: ${signal.why.sentence}`,
      `Decided by: ${decidedBy}`,
      `Left to do: npx tourniquet signals show ${signal.id}`,
    ],
  };
}
