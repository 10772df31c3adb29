import { isUnattended, nextLevel } from "../incident/escalation.ts";
import type { Incident } from "../incident/incident.ts";
import { channelName } from "../incident/plain-words.ts";

/** Who has it, and whom it wakes next if nobody takes it on (N2). */
export function escalationLines(incident: Incident): string[] {
  const { acknowledged, closedAt, escalation } = incident;
  if (acknowledged) return [`taken on    by ${acknowledged.by} at ${iso(acknowledged.at)}`];
  if (closedAt !== null || escalation === null) return [];
  const next = nextLevel(incident);
  const said = next
    ? `by nobody yet: at ${iso(next.at)} ${next.to.map(channelName).join(", ") || "nobody"} will be told too`
    : "by nobody; everybody who was to be told has been told";
  return [`taken on    ${said} (npx tourniquet incidents ack ${incident.id} --by NAME)`];
}

/** In a list: who has it; "nobody" where somebody should. */
export function holderText(incident: Incident): string {
  return incident.acknowledged?.by ?? (isUnattended(incident) ? "nobody" : "");
}

const iso = (at: number): string => new Date(at).toISOString();
