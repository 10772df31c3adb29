import { auth } from "./auth.ts";
import { balanceReading } from "./balance-reading.ts";
import { budgetThreshold } from "./budget-threshold.ts";
import { error } from "./error.ts";
import { escrowStateChange } from "./escrow-state-change.ts";
import type { EventType } from "./event-type.ts";
import { identityReading } from "./identity-reading.ts";
import { output } from "./output.ts";
import { reputationChange } from "./reputation-change.ts";
import { reputationReading } from "./reputation-reading.ts";
import { testPing } from "./test-ping.ts";
import { toolCall } from "./tool-call.ts";
import { transactionRecorded } from "./transaction-recorded.ts";

/** Every type of event the product knows. A new one is its own file and one line here. */
export const eventTypes: readonly EventType[] = [
  budgetThreshold,
  escrowStateChange,
  reputationChange,
  reputationReading,
  testPing,
  toolCall,
  output,
  error,
  auth,
  identityReading,
  transactionRecorded,
  balanceReading,
];

const byName: ReadonlyMap<string, EventType> = new Map(
  eventTypes.flatMap((type) => type.names.map((name) => [name, type] as const)),
);

/** Undefined: stored, counted and ignored, never an error. */
export function eventTypeOf(name: string): EventType | undefined {
  return byName.get(name);
}
