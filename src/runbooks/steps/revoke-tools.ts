import { reinIn } from "../rein-in.ts";
import type { Step } from "../runbook.ts";

/** sets: no tool call is let through (C7, critical). Stand-down puts back what the agent had. */
export const revokeTools: Step = {
  name: "revoke-tools",
  effect: "sets",
  urgent: false,
  lane: "agent",
  run: (context) =>
    reinIn(context, {
      agentId: context.incident.agentId,
      ask: "tools-none",
      why: "it was breached",
      byHand: "take its tools away",
    }),
};
