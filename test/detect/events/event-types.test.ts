import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { understand } from "../../../src/detect/event.ts";
import { eventTypes } from "../../../src/detect/events/index.ts";
import { judge } from "../../../src/detect/judge.ts";
import { defaultThresholds } from "../../../src/settings/thresholds.ts";
import { mistakesIn, read } from "./reading.ts";

/** One valid event of each type, in the seed's envelope. */
const valid: Record<string, Record<string, unknown>> = {
  budget_threshold: { utilization_pct: 97 },
  budget_exceeded: {},
  escrow_state_change: { escrow_id: "esc-1", payer: "agent-1", payee: "shop", amount: "150.00", status: "held" },
  escrow_timeout: { escrow_id: "esc-1", payer: "agent-1" },
  reputation_change: { score_delta: -0.4 },
  reputation_reading: { score: 0.85 },
  balance_reading: { balance: "847.75" },
  transaction_recorded: {
    transaction_id: 4711,
    amount: "-150.00",
    tx_type: "withdrawal",
    description: "payment:int-1",
  },
  "test.ping": {},
  tool_call: { tool_name: "http_request", parameters: { body: "x".repeat(10_001) } },
  output: { text: "done" },
  error: { code: "timeout", message: "no answer" },
  auth: { ip: "10.0.0.1", user_agent: "sdk/1" },
  identity_reading: { public_key: "AB12", verification: "valid" },
};

describe.each(eventTypes.flatMap((type) => type.names.map((name) => ({ name, type }))))("$name", ({ name, type }) => {
  const body = { event_type: name, agent_id: "agent-1", payload: valid[name] };

  it("is read the same in the seed's envelope, in the gateway's and flat", () => {
    const seed = read(body);
    expect(seed.type).toBe(name);
    const bus = read({ id: 7, event_type: name, source: "agent-1", payload: { ...valid[name], agent_id: "agent-1" } });
    const flat = read({ type: name, agent_id: "agent-1", ...valid[name] });
    expect([bus.facts, bus.agentId]).toEqual([seed.facts, seed.agentId]);
    expect([flat.facts, flat.agentId]).toEqual([seed.facts, seed.agentId]);
  });

  it("is judged the same every time, and each signal says why", () => {
    const event = read(body);
    const signals = judge(event, defaultThresholds);
    expect(judge(read(body), defaultThresholds)).toEqual(signals);
    for (const { id, agentId, why } of signals) {
      expect(id).toMatch(/^sig-[0-9a-f]{16}$/);
      expect(agentId).toBe("agent-1");
      expect(why).toMatchObject({ ruleVersion: 1, events: ["evt-0-test"] });
      expect([Object.keys(why.thresholds).length, Object.keys(why.observed).length]).not.toContain(0);
    }
  });

  it("never throws, whatever stands in its fields", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...fieldNames), fc.jsonValue()), fc.jsonValue(), (fields, payload) => {
        const flat = understand(JSON.stringify({ ...fields, event_type: name }));
        const nested = understand(JSON.stringify({ event_type: name, payload, agent_id: "agent-1" }));
        for (const answer of [flat, nested]) expect(answer.ok || answer.mistakes.length > 0).toBe(true);
        expect(type.names).toContain(name);
      }),
      { numRuns: 200 },
    );
  });
});

const fieldNames = [
  "agent_id",
  "payer",
  "payee",
  "escrow_id",
  "id",
  "amount",
  "status",
  "utilization_pct",
  "score_delta",
  "daily_limit",
  "timestamp",
  "payload",
  "details",
  "tool_name",
  "parameters",
  "error",
  "ip",
  "public_key",
  "verification",
  "__proto__",
  "constructor",
];

describe("a budget_threshold event", () => {
  const at = (utilization: unknown) =>
    judge(
      read({ event_type: "budget_threshold", agent_id: "a", payload: { utilization_pct: utilization } }),
      defaultThresholds,
    );

  it.each([
    [79.9, []],
    [80, [["budget-warning", "warning"]]],
    ["94.99", [["budget-warning", "warning"]]],
    [95, [["budget-exhaustion", "critical"]]],
    [140, [["budget-exhaustion", "critical"]]],
  ])("at %s %% concludes %j", (utilization, conclusions) => {
    expect(at(utilization).map(({ kind, severity }) => [kind, severity])).toEqual(conclusions);
  });

  it("shows limit and spend as exact decimals, and both in the reason", () => {
    const event = read({
      event_type: "budget_threshold",
      agent_id: "a",
      payload: { utilization_pct: 97, daily_limit: 500, daily_spent: "485.1" },
    });
    expect(event.facts).toEqual({ kind: "budget", utilizationPct: 97, dailyLimit: "500.00", dailySpent: "485.10" });
    expect(judge(event, defaultThresholds)[0]?.why.observed).toEqual({
      utilizationPct: 97,
      dailyLimit: "500.00",
      dailySpent: "485.10",
    });
  });

  it("says its share with one decimal at most, and amounts as dollars", () => {
    const payload = { utilization_pct: 83.33333333333334, daily_limit: "1200.00" };
    const [signal] = judge(read({ event_type: "budget_threshold", agent_id: "a", payload }), defaultThresholds);
    expect(signal?.why).toMatchObject({
      sentence: "a has used 83.3 % of its daily budget of $1,200.00; the threshold is 80 %.",
      observed: { utilizationPct: 83.3 },
    });
  });

  it("follows the thresholds it is given", () => {
    const event = read({ event_type: "budget_threshold", agent_id: "a", payload: { utilization_pct: 60 } });
    expect(judge(event, { ...defaultThresholds, budgetExhaustionPct: 60 })[0]?.severity).toBe("critical");
  });

  it("counts as 100 % where budget_exceeded says no number", () => {
    expect(read({ type: "budget_exceeded", agent_id: "a" }).facts).toMatchObject({ utilizationPct: 100 });
    expect(read({ type: "budget_exceeded", agent_id: "a", utilization_pct: 101.5 }).facts).toMatchObject({
      utilizationPct: 101.5,
    });
  });
});

describe("a reputation_change event", () => {
  it.each([
    [-0.15, []],
    [-0.16, ["warning"]],
    [-0.3, ["warning"]],
    ["-0.31", ["critical"]],
    [0.5, []],
  ])("of %s concludes %j", (delta, severities) => {
    const event = read({ event_type: "reputation_change", agent_id: "a", payload: { score_delta: delta } });
    expect(judge(event, defaultThresholds).map(({ severity }) => severity)).toEqual(severities);
  });
});

describe("an event with several mistakes", () => {
  it("names them all at once", () => {
    expect(mistakesIn({ event_type: "escrow_state_change", payload: { payee: "", amount: "x", status: 3 } })).toEqual([
      "agent_id",
      "payload.amount",
      "payload.escrow_id",
      "payload.status",
    ]);
    expect(
      mistakesIn({ event_type: "budget_threshold", payload: { utilization_pct: -1, daily_limit: "lots" } }),
    ).toEqual(["agent_id", "payload.daily_limit", "payload.utilization_pct"]);
    expect(mistakesIn({ event_type: "reputation_change", agent_id: "a" })).toEqual(["score_delta"]);
  });

  it("names one field once, though two questions end in it", () => {
    expect(
      mistakesIn({
        event_type: "escrow_state_change",
        payload: { escrow_id: "e", status: "held", payee: "no spaces" },
      }),
    ).toEqual(["payload.payee"]);
  });

  it("refuses an agent id that could reach into another agent's keys", () => {
    for (const id of ["a:holds", "a b", "", "{tq:0}", "-a", "a".repeat(129), 1.5, null])
      expect(mistakesIn({ event_type: "budget_exceeded", agent_id: id })).toEqual(["agent_id"]);
  });

  it("never repeats what was sent", () => {
    const understood = understand(
      '{"event_type":"budget_threshold","agent_id":"whsec_x y","payload":{"utilization_pct":"whsec_z"}}',
    );
    expect(JSON.stringify(understood)).not.toContain("whsec_");
    expect(understood.ok).toBe(false);
  });
});
