import type { Budget, Gateway } from "../incident/gateway.ts";
import type { Rung } from "../incident/recovery.ts";
import { PROOF_DEADLINE_MS } from "../runbooks/runbook.ts";
import { compareCaps } from "./ramp.ts";

/**
 * The caps at the gateway against those of a rung. What is not as it must be is read once more before anybody judges by it: one
 * answer of a gateway that shows no caps for a moment would contain the agent anew.
 */
export async function compareWithRung(
  { gateway }: { gateway: Pick<Gateway, "readBudget"> },
  agentId: string,
  rung: Pick<Rung, "dailyCap" | "monthlyCap">,
  abort: AbortSignal,
): Promise<{ caps: ReturnType<typeof compareCaps>; budget: Budget }> {
  const read = () => gateway.readBudget(agentId, { deadlineMs: PROOF_DEADLINE_MS, signal: abort });
  const first = await read();
  const budget = compareCaps(first, rung) === "equal" ? first : await read();
  return { caps: compareCaps(budget, rung), budget };
}
