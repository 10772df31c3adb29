import { type Incident, isOver, priorities } from "./incident.ts";

/** What urgency is told from: of an incident as it is kept and as it is shown, whose times are text. */
export interface Urgent extends Pick<Incident, "status" | "priority" | "dryRun"> {
  effectiveAt: number | string | null;
  standDown?: object | null;
}

/** No freeze holds yet, and money can go on running out. What only slows an agent down loses none meanwhile. */
export function bleeds(incident: Urgent): boolean {
  const { priority, effectiveAt } = incident;
  return isUnderWay(incident) && effectiveAt === null && (priority === "P0" || priority === "P1");
}

/** Something is still being done to the agent or its escrows. */
function isUnderWay({ status, dryRun, standDown }: Urgent): boolean {
  return !dryRun && !standDown && (status === "detected" || status === "containing");
}

/** What bleeds, then what is still being taken hold of, then the others; each by its priority. 0 is over, more is more urgent. */
export function urgencyOf(incident: Urgent): number {
  if (isOver(incident.status)) return 0;
  const stage = bleeds(incident) ? 2 : isUnderWay(incident) ? 1 : 0;
  return (stage + 1) * priorities.length - priorities.indexOf(incident.priority);
}
