import { reinIn } from "../rein-in.ts";
import type { Step } from "../runbook.ts";

/** sets: it takes no further step; memory and logs stay for whoever looks into it (C7, critical). Stand-down resumes it. */
export const pauseAgent: Step = {
  name: "pause-agent",
  effect: "sets",
  urgent: false,
  lane: "agent",
  run: (context) =>
    reinIn(context, {
      agentId: context.incident.agentId,
      ask: "paused",
      why: "it was breached",
      byHand: "pause it",
    }),
};
