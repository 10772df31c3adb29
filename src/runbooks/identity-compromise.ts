import type { Runbook } from "./runbook.ts";
import { cancelEscrows } from "./steps/cancel-escrows.ts";
import { freezeBudget } from "./steps/freeze-budget.ts";
import { preserveClaimChains, preserveIdentity, preserveReputation } from "./steps/preserve-evidence.ts";
import { recordBudgetCap } from "./steps/record-budget-cap.ts";
import { tellOfCompromise } from "./steps/tell-of-compromise.ts";
import { verifyIdentity } from "./steps/verify-identity.ts";

/** RB3. Whoever has the key can change what proves it: identity, claim chains and reputation are kept while the freeze is on its way. */
export const identityCompromise: Runbook = {
  name: "identity-compromise",
  handles: { "identity-compromise": "P0" },
  budget: "freeze",
  escrows: "all",
  steps: [
    recordBudgetCap,
    freezeBudget,
    preserveIdentity,
    preserveClaimChains,
    preserveReputation,
    tellOfCompromise,
    cancelEscrows,
    verifyIdentity,
  ],
  followUp: [
    "Rotate every API key that is associated with the agent",
    "Register the agent's identity anew with a new key, and pin it in the settings",
    "Go through all transactions since its identity was last known to be good",
    "Verify the counterparties that it traded with since then",
    "Go through the post-mortem, and beyond it back to when its identity was last known to be good",
  ],
};
