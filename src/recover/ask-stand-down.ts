import { TourniquetError } from "../errors.ts";
import type { Dispatch } from "../incident/jobs.ts";
import type { Caps, Incidents } from "../incident/ports.ts";
import { whoAndWhy } from "../incident/who-and-why.ts";
import { isMonthUnknown } from "../runbooks/caps-to-restore.ts";
import { planOf } from "../runbooks/plan.ts";
import { fleetAgent, type Settings } from "../settings/settings.ts";
import { readCaps, type SaidCaps } from "./said-caps.ts";

export interface AskStandDownPorts {
  incidents: Pick<Incidents, "load" | "signals" | "beginStandDown">;
  caps: Pick<Caps, "snapshot" | "takeSnapshot" | "sayMonthlyCap">;
  dispatch: Dispatch;
  settings: Settings;
}

export interface StandDownRequest {
  incidentId: string;
  by: string;
  reason: string;
  /** What to restore where nobody saw the caps before the freeze. */
  caps?: SaidCaps | undefined;
  /** How many signals were known to whoever decides; left out: those that it has as this is asked. */
  joined?: number | undefined;
}

/**
 * A person calls an incident a false alarm. Where the caps from before are unknown they must be said now (G10): closing
 * without them would leave the agent frozen and nobody watching. What joins meanwhile, as another person's order does, was not
 * known to whoever asks: it must not be given up with the rest. Throws not-found, conflict or input-invalid.
 */
export async function askStandDown(ports: AskStandDownPorts, request: StandDownRequest): Promise<"begun" | "running"> {
  const { incidentId } = request;
  const { by, reason } = whoAndWhy({ by: request.by, reason: request.reason });
  const joined = request.joined ?? (await ports.incidents.signals(incidentId)).length;
  const incident = await ports.incidents.load(incidentId);
  if (!incident) throw new TourniquetError("not-found", `There is no incident ${incidentId}.`);
  const said = request.caps && readCaps(request.caps);
  const known = await ports.caps.snapshot(incident.agentId, incidentId);
  // Once it is being stood down the caps may be back and forgotten.
  const isOpen = incident.closedAt === null && incident.standDown === null;
  const isTouched = !incident.dryRun && planOf(incident).budget !== "leave";
  if (!known && isOpen && isTouched) {
    if (!said)
      throw new TourniquetError(
        "conflict",
        `Nobody saw the caps of ${incident.agentId} before the freeze: say what to restore, daily and monthly, each an amount or "none".`,
      );
    await ports.caps.takeSnapshot(incident.agentId, incidentId, said, "configured");
  }
  const isFrozen = isOpen && isTouched && planOf(incident).budget === "freeze";
  if (known && isFrozen && isMonthUnknown(known, fleetAgent(ports.settings, incident.agentId))) {
    if (!said)
      throw new TourniquetError(
        "conflict",
        `${incident.agentId} had no daily cap, and the gateway does not show its monthly one: say both as they were, daily and monthly, each an amount or "none".`,
      );
    await ports.caps.sayMonthlyCap(incident.agentId, incidentId, said.monthlyCap);
  }
  const { answer, epoch } = await ports.incidents.beginStandDown(incidentId, by, reason, { joined });
  if (answer === "over" || answer === "unknown")
    throw new TourniquetError("conflict", `${incidentId} is over already.`);
  if (answer === "changed")
    throw new TourniquetError(
      "conflict",
      `Something joined ${incidentId} this very moment, and nothing was stood down: look what it is, and ask again.`,
    );
  const jobId = `recovery-${incidentId}-${epoch}`;
  await ports.dispatch.add("recovery", incidentId, jobId, { incidentId });
  // One that ended without ending the incident does not come again under its own name.
  if (answer === "running" && !(await ports.dispatch.isLive("recovery", incidentId, jobId)))
    await ports.dispatch.add("recovery", incidentId, `${jobId}-again`, { incidentId }, { forgotten: true });
  return answer;
}
