import type { Runbook } from "./runbook.ts";
import { cancelEscrows } from "./steps/cancel-escrows.ts";
import { freezeBudget } from "./steps/freeze-budget.ts";
import { recordBudgetCap } from "./steps/record-budget-cap.ts";
import { verifyIdentity } from "./steps/verify-identity.ts";

/** RB5, as it is worked for each agent of the cascade; what belongs to all of them is done in detect/cascade. */
export const cascadeFailure: Runbook = {
  name: "cascade-failure",
  handles: { "shared-resource-exhausted": "P0" },
  budget: "freeze",
  escrows: "all",
  steps: [recordBudgetCap, freezeBudget, cancelEscrows, verifyIdentity],
  followUp: [
    "Map the dependency chain: who pays whom, who shares a wallet, who waits for whose result",
    "Mend the root cause first, and the shared resource with it",
    "Put breakers between the agents, so that one that fails does not make the next one retry",
    "Bring the agents back in the order of their dependencies, the root cause first",
    "Go through the post-mortems of all of them together, their timelines side by side",
  ],
};
