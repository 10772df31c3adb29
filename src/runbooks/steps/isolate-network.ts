import { reinIn } from "../rein-in.ts";
import type { Step } from "../runbook.ts";

/** sets: no connection out (C7, critical). Stand-down opens it. */
export const isolateNetwork: Step = {
  name: "isolate-network",
  effect: "sets",
  urgent: false,
  lane: "agent",
  run: (context) =>
    reinIn(context, {
      agentId: context.incident.agentId,
      ask: "isolated",
      why: "it was breached",
      byHand: "cut its network",
    }),
};
