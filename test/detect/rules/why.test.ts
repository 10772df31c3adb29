import { describe, expect, it } from "vitest";
import { judge } from "../../../src/detect/judge.ts";
import { moneyRules } from "../../../src/detect/rules/index.ts";
import { windowSignals } from "../../../src/detect/window-signals.ts";
import type { GatewayEvent } from "../../../src/incident/event.ts";
import type { Signal } from "../../../src/incident/signal.ts";
import { defaultThresholds } from "../../../src/settings/thresholds.ts";
import { around, cancelled, escrows, windowOf } from "./windows.ts";

const conclude = (entries: ReturnType<typeof escrows>, epoch = 0) =>
  windowSignals("agent-7", { ...windowOf(entries), epoch }, moneyRules, defaultThresholds);

/** D14: a person can check the conclusion by hand. */
function expectComplete({ why, ...signal }: Signal, events: number) {
  expect(signal).toMatchObject({ id: expect.stringMatching(/^sig-[0-9a-f]{16}$/), agentId: "agent-7" });
  expect(why.rule).toMatch(/^[a-z-]+$/);
  expect(why.ruleVersion).toBeGreaterThanOrEqual(1);
  expect(why.sentence).toMatch(/^\S.{15,}$/);
  expect(Object.keys(why.thresholds).length).toBeGreaterThan(0);
  expect(Object.keys(why.observed).length).toBeGreaterThan(0);
  expect(why.events).toHaveLength(events);
}

describe("every rule of the registry says why (D14)", () => {
  const firing: Record<string, ReturnType<typeof escrows>> = {
    "identical-escrows": escrows(8),
    "principal-burst": escrows(8, { amount: around(900) }),
    "cancellation-rate": cancelled(escrows(10)),
    "cost-anomaly": escrows(6, { amount: "2000.00" }),
    "payee-concentration": escrows(11, { amount: around(40), everyMs: 20_000 }),
  };

  it.each(moneyRules)("$name", (rule) => {
    const entries = firing[rule.name]!;
    const [signal] = windowSignals("agent-7", windowOf(entries), [rule], defaultThresholds);
    expectComplete(signal!, entries.length);
    expect(signal).toMatchObject({ kind: rule.signal, occurredAt: entries.at(-1)!.at, startedAt: entries[0]!.at });
    expect(signal!.why).toMatchObject({ rule: rule.name, ruleVersion: rule.version });
    expect(signal!.why.events).toEqual(entries.map(({ eventId }) => eventId));
  });

  it("with the baseline it measured against, where it has one", () => {
    const [signal] = conclude(firing["principal-burst"]!);
    expect(signal?.why.baseline).toMatchObject({ kind: "cold-start" });
  });

  it("with the newest 50 events of a longer run", () => {
    const run = escrows(80, { everyMs: 500 });
    const [signal] = conclude(run);
    expect(signal?.why.observed).toMatchObject({ count: 80 });
    expect(signal?.why.events).toEqual(run.slice(-50).map(({ eventId }) => eventId));
  });
});

describe("an event that proves something alone says why, on both sides of its edges (D1)", () => {
  const judged = (utilizationPct: number) => {
    const facts = { kind: "budget", utilizationPct, dailyLimit: "500.00", dailySpent: null } as const;
    const event: GatewayEvent = {
      id: "evt-0-1",
      type: "budget_threshold",
      agentId: "agent-7",
      source: "webhook",
      occurredAt: 1,
      receivedAt: 2,
      facts,
    };
    return judge(event, defaultThresholds);
  };

  it.each([
    [79.99, []],
    [80, ["budget-warning/warning"]],
    [94.99, ["budget-warning/warning"]],
    [95, ["budget-exhaustion/critical"]],
    [140, ["budget-exhaustion/critical"]],
  ])("%d %% used", (utilizationPct, expected) => {
    const signals = judged(utilizationPct);
    expect(signals.map(({ kind, severity }) => `${kind}/${severity}`)).toEqual(expected);
    for (const signal of signals) expectComplete(signal, 1);
  });
});

describe("the signals of one window", () => {
  it("are one of a kind, the first rule's, and keep their id while the trouble lasts", () => {
    const [atEight, ...others] = conclude(escrows(8, { amount: "600.00" }));
    expect(others).toEqual([]);
    expect(atEight?.why.rule).toBe("identical-escrows");
    expect(conclude(escrows(9, { amount: "600.00" }))[0]?.id).toBe(atEight?.id);
  });

  it("have another id for another agent, another kind and, after a release, another epoch", () => {
    const both = conclude(escrows(11));
    expect(both.map(({ kind }) => kind)).toEqual(["escrow-burst", "payee-concentration"]);
    const other = windowSignals("agent-8", windowOf(escrows(11)), moneyRules, defaultThresholds);
    const ids = [...both, ...other, ...conclude(escrows(11), 2)].map(({ id }) => id);
    expect(new Set(ids).size).toBe(6);
  });
});

describe("what is only busy", () => {
  it("only tells of a month-end batch: many payees, many amounts, some of them equal", () => {
    const salaries = escrows(60, { everyMs: 900, payee: (index) => `worker-${index}`, amount: "3200.00" });
    const invoices = escrows(40, {
      everyMs: 1_400,
      payee: (index) => `supplier-${index % 5}`,
      amount: (index) => `${120 + index * 37}.50`,
    });
    const concluded = conclude([...salaries, ...invoices]).map(({ kind, severity }) => `${kind}/${severity}`);
    expect(concluded).toEqual(["cost-anomaly/warning"]);
  });

  it("concludes nothing of a busy hour: the usual payees, faster", () => {
    const hour = escrows(90, {
      everyMs: 40_000,
      payee: (index) => `payee-${index % 4}`,
      amount: (index) => `${25 + (index % 9)}.00`,
    });
    for (let seen = 1; seen <= hour.length; seen += 1)
      expect(conclude(hour.slice(Math.max(0, seen - 16), seen))).toEqual([]);
  });
});
