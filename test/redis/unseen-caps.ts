import type { Incidents } from "../../src/incident/ports.ts";
import { recordBudgetCap } from "../../src/runbooks/steps/record-budget-cap.ts";

/** Containment has come to the end of reading the caps of this incident, and nobody had seen them: a person may say them. */
export async function nobodySawCaps({ incidents }: { incidents: Pick<Incidents, "recordReceipt"> }, id: string) {
  await incidents.recordReceipt(id, recordBudgetCap.name, "contain", { source: "unknown" });
}
