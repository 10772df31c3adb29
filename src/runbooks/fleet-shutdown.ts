import type { Runbook } from "./runbook.ts";
import { freezeBudget } from "./steps/freeze-budget.ts";
import { recordBudgetCap } from "./steps/record-budget-cap.ts";

/**
 * P4, for each agent of the fleet. It stops new spending and nothing more: most of these agents have done nothing, so their
 * escrows stay as they are, and `fleet resume` puts the caps back.
 */
export const fleetShutdown: Runbook = {
  name: "fleet-shutdown",
  handles: { "fleet-shutdown": "P0" },
  budget: "freeze",
  escrows: "none",
  steps: [recordBudgetCap, freezeBudget],
  followUp: [
    "Find what made the shutdown necessary, and mend it",
    "Resume the fleet: npx tourniquet fleet resume. Agents with trouble of their own stay frozen",
  ],
};
