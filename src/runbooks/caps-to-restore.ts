import type { BudgetCaps } from "../incident/gateway.ts";
import type { Money } from "../incident/money.ts";
import type { Snapshot } from "../incident/ports.ts";
import type { FleetAgent } from "../settings/settings.ts";

/** Days of a month where only the day's cap is known: the tools form's own rule (seed chapter 4). */
const DAYS = 30n;

/**
 * All caps of an agent as they were before the incident, as a write needs them: the snapshot, exactly. Only where the gateway never showed the monthly cap (the tools form) is
 * it taken from the fleet's settings, else from the daily one: to leave it out would make the agent uncapped.
 */
export function capsToRestore(snapshot: Snapshot, agent: FleetAgent | undefined): BudgetCaps {
  const { dailyCap, monthlyCap, alertThreshold } = snapshot;
  if (monthlyCap !== undefined) return { dailyCap, monthlyCap, alertThreshold };
  const derived = dailyCap === null ? null : ((dailyCap * DAYS) as Money);
  return { dailyCap, monthlyCap: agent?.caps ? agent.caps.monthly : derived, alertThreshold };
}
