import type { Signal } from "../../incident/signal.ts";
import type { Thresholds } from "../../settings/thresholds.ts";
import { callRules, errorRules } from "../rules/index.ts";
import { windowSignals } from "../window-signals.ts";
import type { Observer } from "./observer.ts";

/** What one agent may keep at least in each window (performance.md Q6); a threshold that needs more gets it. */
const ENTRIES = 100;

/** D9, D10, D12: an agent's tool calls and errors, each in a window of its own. */
export const activityObserver: Observer = {
  kinds: ["tool-call", "error"],
  async observe({ activity }, { id, agentId, occurredAt, facts }, thresholds): Promise<readonly Signal[]> {
    if (agentId === null) return [];
    const at = occurredAt;
    if (facts.kind === "tool-call") {
      const view = await activity.observeCall(agentId, { what: facts.tool, at, eventId: id }, callBounds(thresholds));
      return windowSignals(agentId, view, callRules, thresholds);
    }
    if (facts.kind !== "error") return [];
    const { count, windowMs } = thresholds.errorSpike;
    const bounds = { most: Math.max(ENTRIES, count + 1), windowMs };
    const view = await activity.observeError(agentId, { what: facts.code ?? "", at, eventId: id }, bounds);
    return windowSignals(agentId, view, errorRules, thresholds);
  },
};

function callBounds({ toolCallBurst, toolSequences }: Thresholds): { most: number; neighbours: number } {
  const enough = Math.floor(toolCallBurst.factor * toolCallBurst.callsPerMinute) + 1;
  return { most: Math.max(ENTRIES, enough), neighbours: toolSequences.last - 1 };
}
