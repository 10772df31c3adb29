import type { Runbook } from "./runbook.ts";
import { cancelEscrows } from "./steps/cancel-escrows.ts";
import { freezeBudget } from "./steps/freeze-budget.ts";
import { recordBudgetCap } from "./steps/record-budget-cap.ts";
import { verifyIdentity } from "./steps/verify-identity.ts";

/** RB1. */
export const runawaySpending: Runbook = {
  name: "runaway-spending",
  handles: { "cost-anomaly": "P0", "escrow-burst": "P0", "budget-exhaustion": "P0", "containment-order": "P0" },
  budget: "freeze",
  escrows: "all",
  steps: [recordBudgetCap, freezeBudget, cancelEscrows, verifyIdentity],
  followUp: [
    "Find the code path that spends: a retry without a limit, a missing deduplication, a batch without an end",
    "Deploy the fix and watch it for an hour away from real money",
    "Bring the agent back at half its budget, or stand down if this was a false alarm",
  ],
};
