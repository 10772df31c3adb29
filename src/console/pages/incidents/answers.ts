import type { presentSummary } from "../../../incident/summary.ts";

/** An incident as a list has it. */
export type IncidentSummary = ReturnType<typeof presentSummary>;

/** GET /api/incidents. */
export interface IncidentPage {
  incidents: readonly IncidentSummary[];
  next?: string | null;
}
