import type { Runbook } from "./runbook.ts";
import { halveBudget } from "./steps/halve-budget.ts";
import { preserveReputation, preserveUsage } from "./steps/preserve-evidence.ts";
import { recordBudgetCap } from "./steps/record-budget-cap.ts";
import { verifyIdentity } from "./steps/verify-identity.ts";

/** RB4. Poor work is no theft: the agent goes on with half its daily budget while somebody looks. */
export const serviceDegradation: Runbook = {
  name: "service-degradation",
  handles: { "reputation-drift": "P2", "budget-warning": "P2" },
  // An agent that spends as before is at twice the share of half its cap: that is our doing, and no loss.
  explains: ["budget-warning", "budget-exhaustion"],
  budget: "halve",
  escrows: "none",
  steps: [recordBudgetCap, halveBudget, preserveReputation, preserveUsage, verifyIdentity],
  followUp: [
    "Read what the agent delivered lately, and what its counterparties say",
    "Look for drift of the model, for changed prompts and for upstream services that got worse",
    "Mend prompt or constraints and deploy",
    "Submit corrected metrics, if they were wrong",
    "Bring the budget back step by step, or stand down if this was a false alarm",
  ],
};
