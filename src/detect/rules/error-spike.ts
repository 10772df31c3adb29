import type { ActivityView } from "../../incident/activity.ts";
import { densest, groups, type Rule } from "./rule.ts";

/**
 * D12: more errors of one agent within a window than usual work makes. It may be somebody probing, or a service that is down:
 * so a warning, which policy answers by restricting the agent and not by taking its money (C7, medium).
 */
export const errorSpike: Rule<ActivityView> = {
  name: "error-spike",
  version: 1,
  signal: "error-spike",
  find(window, { errorSpike: { count, windowMs } }) {
    const run = densest(window.entries, windowMs);
    if (run.length <= count) return null;
    const [most] = groups(run, ({ what }) => what);
    const code = most?.[0]?.what || "(no code)";
    return {
      severity: "warning",
      sentence: `${run.length} errors within ${Math.round(windowMs / 1_000)} s, ${most?.length} of them ${code}`,
      suspectPayee: null,
      thresholds: { count, windowMs },
      observed: { count: run.length, code },
      baseline: null,
      entries: run,
    };
  },
};
