import type { BudgetCaps } from "../incident/gateway.ts";
import { type Money, money } from "../incident/money.ts";
import type { Recovery } from "../incident/recovery.ts";
import type { Snapshot } from "../incident/snapshot.ts";
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

/** Not shown, not in the settings, and no day's cap to reckon it from: it may have been any amount, or none. Only a person can say. */
export function isMonthUnknown({ dailyCap, monthlyCap }: Snapshot, agent: FleetAgent | undefined): boolean {
  return dailyCap === null && monthlyCap === undefined && !agent?.caps;
}

/** The two caps of an agent; null: uncapped, which is more than any amount. */
export interface TwoCaps {
  dailyCap: Money | null;
  monthlyCap: Money | null;
}

/**
 * The most that containment may leave of the caps: those from before, or what a recovery that is under way has given back of them.
 * A raise belongs to recovery and stand-down alone (G9).
 */
export function mostThatMayStand(
  snapshot: Snapshot,
  agent: FleetAgent | undefined,
  recovery: Pick<Recovery, "rungs" | "rung"> | null,
): TwoCaps {
  const { dailyCap, monthlyCap = null } = capsToRestore(snapshot, agent);
  const rung = recovery?.rungs[recovery.rung ?? 0];
  if (!rung) return { dailyCap, monthlyCap };
  const read = (cap: string | null) => (cap === null ? null : money(cap));
  return lowest({ dailyCap, monthlyCap }, { dailyCap: read(rung.dailyCap), monthlyCap: read(rung.monthlyCap) });
}

/** Of each cap the lower one; what the gateway does not show (undefined) is taken to be the other. */
export function lowest(one: TwoCaps, other: Pick<BudgetCaps, "dailyCap" | "monthlyCap">): TwoCaps {
  const least = (a: Money | null, b: Money | null | undefined) =>
    b === undefined || b === null || (a !== null && a < b) ? a : b;
  return {
    dailyCap: least(one.dailyCap, other.dailyCap),
    monthlyCap: least(one.monthlyCap, other.monthlyCap),
  };
}
