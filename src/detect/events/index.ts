import { budgetThreshold } from "./budget-threshold.ts";
import { escrowStateChange } from "./escrow-state-change.ts";
import type { EventType } from "./event-type.ts";
import { reputationChange } from "./reputation-change.ts";
import { testPing } from "./test-ping.ts";

/** Every type of event the product knows. A new one is its own file and one line here. */
export const eventTypes: readonly EventType[] = [budgetThreshold, escrowStateChange, reputationChange, testPing];

const byName: ReadonlyMap<string, EventType> = new Map(
  eventTypes.flatMap((type) => type.names.map((name) => [name, type] as const)),
);

/** Undefined: stored, counted and ignored, never an error. */
export function eventTypeOf(name: string): EventType | undefined {
  return byName.get(name);
}
