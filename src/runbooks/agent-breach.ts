import type { Runbook } from "./runbook.ts";
import { freezeBudget } from "./steps/freeze-budget.ts";
import { isolateNetwork } from "./steps/isolate-network.ts";
import { pauseAgent } from "./steps/pause-agent.ts";
import { recordBudgetCap } from "./steps/record-budget-cap.ts";
import { restrictSimilar } from "./steps/restrict-similar.ts";
import { revokeTools } from "./steps/revoke-tools.ts";
import { rotateCredentials } from "./steps/rotate-credentials.ts";
import { verifyIdentity } from "./steps/verify-identity.ts";

/**
 * RB6. Escrows are left alone: the signals are about tools, not about money, and a cancelled escrow never comes back. A large
 * upload taken for a theft would cost every honest deal the agent has, and no stand-down could mend it. New spending is stopped
 * by the freeze; money that goes wrong raises a signal of its own (a burst, one payee), which joins and takes escrows back;
 * what is still held to payees nobody knows is the first line of what is left to do.
 */
export const agentBreach: Runbook = {
  name: "agent-breach",
  handles: { "suspicious-tool-sequence": "P0", "data-exfiltration": "P0", "tool-call-burst": "P1" },
  unlessCritical: { runbook: "agent-restriction", priority: "P2" },
  budget: "freeze",
  escrows: "none",
  steps: [
    recordBudgetCap,
    freezeBudget,
    revokeTools,
    isolateNetwork,
    pauseAgent,
    rotateCredentials,
    restrictSimilar,
    verifyIdentity,
  ],
  followUp: [
    "Look at the escrows that are still held, and cancel those to payees that nobody knows: they were left alone",
    "Read the agent's system prompt and its last inputs for injected instructions",
    "Review which tools it may use together; what reads secrets should not send anything out",
    "After an exfiltration: go through all data it accessed in the last 24 hours, and tell the owners of what left",
    "Mend the tool or the prompt at fault, then lift the restriction of the similar agents by standing down",
    "Go through the post-mortem within 48 hours: it is written when the incident is over",
  ],
};
