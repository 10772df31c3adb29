import { isOver } from "./incident.ts";
import { cursorOf, type Page, type PageOf, type Place, pageOf } from "./page.ts";
import type { Incidents } from "./ports.ts";
import { type IncidentFilter, type IncidentSummary, isMeant } from "./summary.ts";
import { urgencyOf } from "./urgency.ts";

/** Milliseconds since 1970 stay below it until 2286; the most urgent place still has no more digits than a cursor holds. */
const STEP = 10_000_000_000_000;
const placeOf = (incident: IncidentSummary): Place => ({
  at: urgencyOf(incident) * STEP + incident.openedAt,
  id: incident.id,
});
const beforeAllThatIsOver: Place = { at: STEP - 1, id: "~" };

export interface ByUrgencyPorts {
  incidents: Pick<Incidents, "page">;
  /** Every one that is open. */
  openIncidents(): Promise<readonly IncidentSummary[]>;
}

/**
 * A page of the list that has the most urgent of all open incidents first, however old, each kind newest first; and after them
 * those that are over, newest first. What becomes more urgent while somebody pages on stands on a page that they have had.
 */
export async function pageByUrgency(
  { incidents, openIncidents }: ByUrgencyPorts,
  { limit, after, ...filter }: PageOf & IncidentFilter,
): Promise<Page<IncidentSummary>> {
  const isInOver = after !== null && after.at < STEP;
  const isMeantOpen = (one: IncidentSummary) => !isOver(one.status) && isMeant(one, filter);
  const all = isInOver ? [] : (await openIncidents()).filter(isMeantOpen);
  const open = pageOf(all, placeOf, { limit, after });
  const { status = "over" } = filter;
  if (open.next !== null || status === "open" || (status !== "over" && !isOver(status))) return open;
  if (open.rows.length === limit) return { rows: open.rows, next: cursorOf(beforeAllThatIsOver) };
  const rest = { ...filter, status, limit: limit - open.rows.length, after: isInOver ? after : null };
  const over = await incidents.page(rest);
  // Whatever ended between the two reads stands in both.
  const shown = new Set(open.rows.map(({ id }) => id));
  return { rows: [...open.rows, ...over.rows.filter(({ id }) => !shown.has(id))], next: over.next };
}
