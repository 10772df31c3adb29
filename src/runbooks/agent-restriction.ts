import type { Runbook } from "./runbook.ts";
import { restrictToReadOnly } from "./steps/restrict-to-read-only.ts";

/** RB6 at medium severity (C7): the agent may look and not touch. Its budget and its escrows are left as they are. */
export const agentRestriction: Runbook = {
  name: "agent-restriction",
  handles: { "error-spike": "P2" },
  budget: "leave",
  escrows: "none",
  steps: [restrictToReadOnly],
  followUp: [
    "Read the errors: which tool, since when, after which change",
    "Mend the cause, or take the tool out of service",
    "Stand the incident down: the agent gets its tools back",
  ],
};
