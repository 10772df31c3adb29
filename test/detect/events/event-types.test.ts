import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readStored, understand } from "../../../src/detect/event.ts";
import { eventTypes } from "../../../src/detect/events/index.ts";
import { judge } from "../../../src/detect/judge.ts";
import type { StoredEvent } from "../../../src/incident/ports.ts";
import { defaultThresholds } from "../../../src/settings.ts";

const RECEIVED_AT = Date.UTC(2026, 10, 20, 2, 47);

const stored = (body: unknown): StoredEvent => ({
  id: "evt-0-test",
  raw: JSON.stringify(body),
  type: "",
  agentId: null,
  source: "webhook",
  receivedAt: RECEIVED_AT,
  disposition: null,
  reason: null,
  verdicts: [],
});
const read = (body: unknown) => readStored(stored(body));
const mistakesIn = (body: unknown) => {
  const understood = understand(JSON.stringify(body));
  return understood.ok ? [] : understood.mistakes.map(({ field }) => field).sort();
};

/** One valid event of each type, in the seed's envelope. */
const valid: Record<string, Record<string, unknown>> = {
  budget_threshold: { utilization_pct: 97 },
  budget_exceeded: {},
  escrow_state_change: { escrow_id: "esc-1", payer: "agent-1", payee: "shop", amount: "150.00", status: "held" },
  escrow_timeout: { escrow_id: "esc-1", payer: "agent-1" },
  reputation_change: { score_delta: -0.4 },
  "test.ping": {},
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

describe("an escrow_state_change event", () => {
  const escrow = (fields: Record<string, unknown>) =>
    read({ event_type: "escrow_state_change", payload: { escrow_id: "esc-1", payer: "p", status: "held", ...fields } });

  it("belongs to the payer, whoever is named beside it", () => {
    const event = read({
      event_type: "escrow_state_change",
      agent_id: "shop",
      payload: { id: 12, payer_id: "p", payee_id: "shop", new_status: "held" },
    });
    expect(event.agentId).toBe("p");
    expect(event.facts).toMatchObject({ escrowId: "12", payer: "p", payee: "shop", amount: null });
  });

  it("puts nobody's money at the payee's door when only the payee is named", () => {
    const event = read({
      event_type: "escrow_state_change",
      payload: { escrow_id: "esc-1", payee: "shop", status: "held" },
    });
    expect(event.agentId).toBe("shop");
    expect(event.facts).toMatchObject({ payer: null, payee: "shop" });
  });

  it.each([
    ["held", "held"],
    ["PENDING", "held"],
    ["funded", "held"],
    ["active", "held"],
    ["released", "settled"],
    ["settled", "settled"],
    ["cancelled", "refunded"],
    ["refunded", "refunded"],
    ["expired", "expired"],
    ["disputed", "disputed"],
    ["on-the-moon", "unknown"],
  ])("knows the status word %s as %s", (word, state) => {
    expect(escrow({ status: word }).facts).toMatchObject({ state });
    expect(escrow({ old_status: word }).facts).toMatchObject({ previousState: state });
  });

  it("prefers the new status to the status", () => {
    expect(escrow({ status: "held", new_status: "released", previous_status: "held" }).facts).toMatchObject({
      state: "settled",
      previousState: "held",
    });
  });

  it("is expired when it is an escrow_timeout that says no more", () => {
    expect(read({ type: "escrow_timeout", escrow_id: "esc-1", payer: "p" }).facts).toMatchObject({ state: "expired" });
    expect(read({ type: "escrow_timeout", escrow_id: "esc-1", payer: "p", status: "held" }).facts).toMatchObject({
      state: "held",
    });
  });

  it.each([
    [150, "150.00"],
    ["150.5", "150.50"],
    [0.1, "0.10"],
    ["0.00000001", "0.00000001"],
    [1e-8, "0.00000001"],
  ])("reads the amount %s as %s", (amount, text) => {
    expect(escrow({ amount }).facts).toMatchObject({ amount: text });
  });

  it.each([[2 ** 53], [1e21], [-1], ["-1"], ["1e3"], ["1.123456789"], [""], [" 1"], [true], [[1]], [{}], ["1,000"]])(
    "refuses the amount %j by name, or reads an empty one as absent",
    (amount) => {
      const body = {
        event_type: "escrow_state_change",
        payload: { escrow_id: "e", payer: "p", status: "held", amount },
      };
      expect(mistakesIn(body)).toEqual(amount === "" ? [] : ["payload.amount"]);
    },
  );

  it("says how to send an amount that JSON cannot carry", () => {
    const body =
      '{"event_type":"escrow_state_change","payer":"p","escrow_id":"e","status":"held","amount":9007199254740993}';
    expect(understand(body)).toMatchObject({
      mistakes: [{ field: "amount", problem: expect.stringContaining("decimal string") }],
    });
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

describe("the time of an event", () => {
  const occurred = (fields: Record<string, unknown>) => read({ type: "test.ping", ...fields }).occurredAt;
  const at = RECEIVED_AT - 90_000;

  it.each([
    ["seconds", { timestamp: at / 1000 }],
    ["fractions of seconds", { timestamp: at / 1000 + 0.0001 }],
    ["milliseconds", { timestamp: at }],
    ["text of seconds", { timestamp: String(at / 1000) }],
    ["ISO", { created_at: new Date(at).toISOString() }],
    ["ISO without a zone, which is UTC", { created_at: new Date(at).toISOString().replace(/\.000Z$/, "") }],
    ["ISO with an offset", { created_at: new Date(at + 3_600_000).toISOString().replace("Z", "+01:00") }],
    ["the payload", { payload: { timestamp: at } }],
    ["the payload's created_at", { payload: { created_at: at } }],
    ["the event before the payload", { created_at: at, payload: { created_at: at - 1e6 } }],
  ])("is read from %s", (_, fields) => {
    expect(occurred(fields)).toBe(at);
  });

  it.each([
    [{}],
    [{ timestamp: "yesterday" }],
    [{ timestamp: 5 }],
    [{ timestamp: RECEIVED_AT + 300_001 }],
    [{ timestamp: {} }],
    [{ timestamp: -1 }],
    [{ created_at: "2026-13-45T99:99:99" }],
  ])("is the time of arrival for %j", (fields) => {
    expect(occurred(fields)).toBe(RECEIVED_AT);
  });
});
