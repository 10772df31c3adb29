import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BacktestReport } from "../../../src/cli/backtest/run.ts";
import type { IncidentView } from "../../../src/incident/incident.ts";
import { runaway } from "../../../src/sandbox/scenarios/runaway.ts";
import { type Said, together, traceOf } from "../../support/trace.ts";
import { until } from "../../support/until.ts";
import { createWorld, type World } from "../../support/world.ts";
import { lastYear, replayed } from "./replaying.ts";

const MINUTE_MS = 60_000;

/** Two warnings of one agent within a minute: neither contains it, both together do (D15). */
const twoWarnings = (zeroMs: number): Said[] =>
  [
    ["reputation_change", 0, { score_delta: -0.2 }],
    ["budget_threshold", 20_000, { utilization_pct: 85 }],
  ].map(([type, afterMs, payload]) => {
    const atMs = zeroMs + Number(afterMs);
    return { atMs, body: { event_type: type, agent_id: "drifter", timestamp: atMs / 1_000, payload } };
  });

const errors = (zeroMs: number): Said[] =>
  Array.from({ length: 25 }, (_, index) => {
    const atMs = zeroMs + index * 1_000;
    return {
      atMs,
      body: { event_type: "error", agent_id: "stumbler", timestamp: atMs / 1_000, details: { code: `E${index}` } },
    };
  });

const exhausted = (zeroMs: number): Said[] => [
  ...[70, 85, 96].map((utilization_pct, index) => {
    const atMs = zeroMs + index * 120_000;
    return {
      atMs,
      body: {
        event_type: "budget_exceeded",
        agent_id: "spender",
        timestamp: atMs / 1_000,
        payload: { utilization_pct },
      },
    };
  }),
];

/** At the full minute, as the other one: what is counted by the minute is the same then. */
const now = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 5 * MINUTE_MS;

const stories: readonly [string, string, (zeroMs: number) => Said[]][] = [
  ["a retry loop", "procurement-17", (zeroMs) => traceOf(runaway, zeroMs).slice(0, 20)],
  ["two warnings within a minute", "drifter", twoWarnings],
  ["a spike of errors", "stumbler", errors],
  ["a budget that runs out", "spender", exhausted],
];

/** One after the other by time, all in one fleet. */
const all = (zeroMs: number): Said[] => together(...stories.map(([, , story]) => story(zeroMs)));

interface Live {
  line: number;
  policy: unknown;
  /** Two that are raised together open the incident in either order: their jobs run side by side. */
  signals: { signal: string; severity: string; rule: string }[];
}

function liveOf({ signals, timeline }: IncidentView, line: number): Live {
  const policy = timeline.find(({ what }) => what === "incident-opened")?.detail.policy;
  const told = signals.map(({ kind, severity, why }) => ({ signal: kind, severity, rule: why.rule }));
  return { line, policy, signals: told };
}

describe("the same events, delivered live and replayed", () => {
  let world: World;
  let replays: BacktestReport[];
  const live = new Map<string, Live>();
  beforeAll(async () => {
    world = await createWorld({ ticker: false });
    for (const [index, { body }] of all(now).entries()) {
      await world.deliver(body as Record<string, unknown>);
      await until(async () => (await world.services.inbox.stats()).pending === 0, "what was delivered is answered");
      for (const incident of await world.services.incidents.list(10))
        if (!live.has(incident.agentId)) live.set(incident.agentId, liveOf(incident, index + 1));
    }
    replays = await Promise.all([replayed(all(now)), replayed(all(lastYear))]);
  }, 60_000);
  afterAll(() => world.close());

  it.each(stories)("%s is contained by the same signal at the same event, a year apart", (_, agentId) => {
    const { signals, ...expected } = live.get(agentId)!;
    for (const report of replays) {
      const found = report.candidates[0]!.incidents.find((one) => one.agentId === agentId)!;
      const { signal, severity, rule, event, decidedBy: policy } = found;
      expect({ line: event.line, policy }).toEqual(expected);
      expect(signals).toContainEqual({ signal, severity, rule });
    }
  });

  it("contains nobody else, in either", () => {
    const agents = stories.map(([, agentId]) => agentId).sort();
    expect([...live.keys()].sort()).toEqual(agents);
    for (const { candidates } of replays)
      expect(candidates[0]!.incidents.map((one) => one.agentId).sort()).toEqual(agents);
  });
});
