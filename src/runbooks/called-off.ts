import { isOver } from "../incident/incident.ts";
import type { StepContext } from "./runbook.ts";

/**
 * Whether this incident is over, recovering or being stood down by now, whatever it was when this worker took the job. What
 * cannot be taken back, and what a release has just put back, asks this last.
 */
export async function isCalledOff({ ports, incident }: Pick<StepContext, "ports" | "incident">): Promise<boolean> {
  const now = await ports.incidents.load(incident.id);
  return now === null || now.standDown !== null || now.status === "recovering" || isOver(now.status);
}
