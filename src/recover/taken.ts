import type { Incident } from "../incident/incident.ts";
import { type Money, money } from "../incident/money.ts";
import type { Incidents } from "../incident/ports.ts";
import type { Snapshot } from "../incident/snapshot.ts";
import { capsToRestore, type TwoCaps } from "../runbooks/caps-to-restore.ts";
import { planOf } from "../runbooks/plan.ts";
import type { Runbook } from "../runbooks/runbook.ts";
import { halveBudget } from "../runbooks/steps/halve-budget.ts";
import type { FleetAgent } from "../settings/settings.ts";

/**
 * What of the budget is to be given back. Caps remembered from before this incident opened are those that one before it took and
 * could not give back: then all of them are missing, whatever this one did itself.
 */
export function takenBy(
  incident: Pick<Incident, "runbooks" | "openedAt">,
  snapshot: Pick<Snapshot, "at"> | null,
): Runbook["budget"] {
  return snapshot !== null && snapshot.at < incident.openedAt ? "freeze" : planOf(incident).budget;
}

/** What RB4 left of the daily cap; null where it left it alone. */
export async function halvedTo(
  { incidents }: { incidents: Pick<Incidents, "receipts"> },
  id: string,
): Promise<Money | null> {
  const cap = (await incidents.receipts(id)).get(halveBudget.name)?.result.dailyCap;
  return typeof cap === "string" ? money(cap) : null;
}

/** Both caps from before the incident; a monthly one that the gateway never showed as stand-down would have it. */
export function capsBefore(snapshot: Snapshot, agent: FleetAgent | undefined): TwoCaps {
  const { dailyCap, monthlyCap } = capsToRestore(snapshot, agent);
  return { dailyCap, monthlyCap: monthlyCap ?? null };
}
