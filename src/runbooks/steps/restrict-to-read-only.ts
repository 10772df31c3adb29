import { reinIn } from "../rein-in.ts";
import type { Step } from "../runbook.ts";

/** sets: only tools that change nothing (C7, medium). Stand-down puts back what the agent had. */
export const restrictToReadOnly: Step = {
  name: "restrict-to-read-only",
  effect: "sets",
  urgent: false,
  lane: "agent",
  run: (context) =>
    reinIn(context, {
      agentId: context.incident.agentId,
      ask: "tools-read-only",
      why: context.signals[0]?.why.sentence ?? "it behaves oddly",
      byHand: "restrict it to read-only tools",
    }),
};
