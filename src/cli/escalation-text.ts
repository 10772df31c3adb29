import { type Channel, isUnattended, nextLevel } from "../incident/escalation.ts";
import type { Incident } from "../incident/incident.ts";
import { channelName } from "../incident/plain-words.ts";

/** Who has it, and whom it wakes next if nobody takes it on (N2). set: the channels that this terminal knows of. */
export function escalationLines(incident: Incident, set: readonly Channel[] = []): string[] {
  const { acknowledged, closedAt, escalation } = incident;
  if (acknowledged) return [`taken on    by ${acknowledged.by} at ${iso(acknowledged.at)}`];
  if (closedAt !== null || escalation === null) return [];
  const next = nextLevel(incident);
  const said = next
    ? `by nobody yet: at ${iso(next.at)} ${toldToo(next.to, set)}`
    : "by nobody; everybody who was to be told has been told";
  return [`taken on    ${said} (npx tourniquet incidents ack ${incident.id} --by NAME)`];
}

/**
 * The workers tell, and a terminal need not have what they have: where no channel is set here, nothing is promised of any. Where
 * some are, it is the workers' own environment.
 */
function toldToo(to: readonly Channel[], set: readonly Channel[]): string {
  const names = (channels: readonly Channel[]) => channels.map(channelName).join(", ");
  if (to.length === 0) return "nobody will be told too";
  if (set.length === 0) return `${names(to)} will be told too, as far as the workers have them set`;
  const there = to.filter((channel) => set.includes(channel));
  return there.length === 0 ? `nobody will be told too: ${names(to)} not set` : `${names(there)} will be told too`;
}

/** In a list: who has it; "nobody" where somebody should. */
export function holderText(incident: Incident): string {
  return incident.acknowledged?.by ?? (isUnattended(incident) ? "nobody" : "");
}

const iso = (at: number): string => new Date(at).toISOString();
