import type { ActivityEntry, CallView } from "../../incident/activity.ts";
import type { Thresholds } from "../../settings/thresholds.ts";
import { densest, groups, type Rule } from "./rule.ts";

const MINUTE_MS = 60_000;

/**
 * D9: more tool calls within a minute than so many times the agent's own. Its own is the median of its minutes with calls
 * before this run, never less than `callsPerMinute`: an agent that usually makes one call a minute may make thirty.
 */
export const toolCallBurst: Rule<CallView> = {
  name: "tool-call-burst",
  version: 1,
  signal: "tool-call-burst",
  find(window, { toolCallBurst }) {
    const run = densest(window.entries, MINUTE_MS);
    const minute = fullestMinute(window, run);
    const count = Math.max(run.length, minute.count);
    const firstMinute = Math.min(minute.minute, Math.floor((run[0]?.at ?? Infinity) / MINUTE_MS));
    const own = ownRate(window.callsByMinute, firstMinute, toolCallBurst);
    const limit = toolCallBurst.factor * own.callsPerMinute;
    if (count <= limit) return null;
    const [most] = groups(run, ({ what }) => what);
    const tool = most?.[0]?.what ?? "";
    return {
      severity: "critical",
      sentence: `${count} tool calls within a minute, ${most?.length} of the last ${run.length} of ${tool}; the limit for this agent is ${limit}`,
      suspectPayee: null,
      thresholds: { factor: toolCallBurst.factor, callsPerMinute: toolCallBurst.callsPerMinute, limit },
      observed: { count, tool, ...(own.sigma && { z: zOf(count, own.callsPerMinute, own.sigma) }) },
      baseline: own.shown,
      entries: run,
    };
  },
};

/**
 * A window of entries is bounded, and an agent whose own rate is high may exceed its limit with more than it holds: the
 * count of a calendar minute, which has no bound, says so then. Only the minutes of the run, not the agent's history.
 */
function fullestMinute(
  { callsByMinute, afreshMinute }: CallView,
  run: readonly ActivityEntry[],
): { minute: number; count: number } {
  const minutes = new Set(run.map(({ at }) => Math.floor(at / MINUTE_MS)).filter((minute) => minute > afreshMinute));
  return [...minutes]
    .map((minute) => ({ minute, count: callsByMinute.get(minute) ?? 0 }))
    .reduce((best, one) => (one.count > best.count ? one : best), { minute: Infinity, count: 0 });
}

interface OwnRate {
  callsPerMinute: number;
  /** Null where the baseline is not known yet. */
  sigma: number | null;
  shown: Record<string, string | number>;
}

/** The burst's own minutes teach nothing, and a median does not follow a few bad ones before it. */
function ownRate(
  callsByMinute: CallView["callsByMinute"],
  firstMinute: number,
  { callsPerMinute, minimumSamples }: Thresholds["toolCallBurst"],
): OwnRate {
  const before = [...callsByMinute].filter(([minute]) => minute < firstMinute).map(([, count]) => count);
  const samples = before.length;
  if (samples < minimumSamples)
    return { callsPerMinute, sigma: null, shown: { kind: "cold-start", samples, minimumSamples, callsPerMinute } };
  const median = medianOf(before);
  const mad = medianOf(before.map((count) => Math.abs(count - median)));
  // Calls come at random: even a perfectly even past spreads by the root of its rate.
  const sigma = Math.max(1.4826 * mad, Math.sqrt(Math.max(median, 1)));
  return {
    callsPerMinute: Math.max(median, callsPerMinute),
    sigma,
    shown: { kind: "robust", samples, median, mad, callsPerMinute: Math.max(median, callsPerMinute) },
  };
}

/** The upper one of two middles: erring away from a false alarm. */
function medianOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

const zOf = (count: number, own: number, sigma: number): number => Math.round(((count - own) / sigma) * 100) / 100;
