import { describeError, TourniquetError } from "../../errors.ts";
import { reinIn } from "../rein-in.ts";
import type { Step, StepContext } from "../runbook.ts";
import type { SimilarAgent } from "../similar-agents.ts";

/**
 * sets: agents that share the tool, the prompt or the wallet at fault may only read until a fix is in (C8). They are not
 * frozen and not paused: nothing is known against them. Stand-down lifts it where no other incident asks for the same.
 */
export const restrictSimilar: Step = {
  name: "restrict-similar",
  effect: "sets",
  urgent: false,
  lane: "similar",
  async run(context) {
    const restricted: SimilarAgent[] = [];
    const byHand: string[] = [];
    const failed: string[] = [];
    for (const similar of similarOf(context)) {
      const asked = {
        ...similar,
        ask: "tools-read-only",
        byHand: `restrict ${similar.agentId} to read-only tools`,
      } as const;
      try {
        const result = await reinIn(context, asked);
        if (result.byHand === undefined) restricted.push(similar);
        else byHand.push(String(result.byHand));
      } catch (error) {
        context.abort.throwIfAborted();
        failed.push(`${similar.agentId}: ${describeError(error).message}`);
      }
    }
    if (failed.length > 0) throw new TourniquetError("step-failed", `not restricted yet: ${failed.join("; ")}`);
    return { restricted, byHand };
  },
  would: async (context) => ({ restricted: similarOf(context) }),
};

function similarOf({ ports, incident, signals }: StepContext): readonly SimilarAgent[] {
  const tools = signals.map(({ why }) => why.observed.tool).filter((tool) => typeof tool === "string");
  return ports.similarTo(incident.agentId, tools);
}
