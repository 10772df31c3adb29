import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runaway } from "../../../src/sandbox/scenarios/runaway.ts";
import { type Said, traceOf } from "../../support/trace.ts";
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

interface Live {
  line: number;
  decidedBy: string;
  /** Two that are raised together open the incident in either order: their jobs run side by side. */
  signals: { signal: string; severity: string; rule: string }[];
}

describe("the same events, delivered live and replayed", () => {
  let world: World;
  const live = new Map<string, Live>();
  beforeAll(async () => {
    world = await createWorld({ ticker: false });
    for (const [, agentId, story] of stories) {
      for (const [index, { body }] of story(now).entries()) {
        await world.deliver(body as Record<string, unknown>);
        await until(async () => (await world.services.inbox.stats()).pending === 0, "what was delivered is answered");
        const found = (await world.services.incidents.list(10)).find((incident) => incident.agentId === agentId);
        if (found === undefined) continue;
        const signals = found.signals.map(({ kind, severity, why }) => ({ signal: kind, severity, rule: why.rule }));
        live.set(agentId, { line: index + 1, decidedBy: found.decidedBy, signals });
        break;
      }
    }
  }, 60_000);
  afterAll(() => world.close());

  it.each(stories)("%s is contained by the same signal at the same event, a year apart", async (_, agentId, story) => {
    const expected = live.get(agentId)!;
    const [today, then] = await Promise.all([replayed(story(now)), replayed(story(lastYear))]);
    for (const report of [today, then]) {
      const found = report.candidates[0]!.incidents.find((one) => one.agentId === agentId)!;
      const { signal, severity, rule } = found;
      expect(expected.signals).toContainEqual({ signal, severity, rule });
      expect({ line: found.event.line, decidedBy: found.decidedBy }).toEqual({
        line: expected.line,
        decidedBy: expected.decidedBy,
      });
    }
  });
});
