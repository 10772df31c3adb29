import { describe, expect, it } from "vitest";
import { money } from "../../../src/incident/money.ts";
import type { WindowView } from "../../../src/incident/windows.ts";
import { find, known, minute, usual, withOutflow } from "./spending.ts";
import { around, escrows, MINUTE_MS, noon, windowOf } from "./windows.ts";

describe("spending far over what an agent is used to (D3)", () => {
  it("says how much, what of it was repeated, how far over, and what that was measured by", () => {
    const finding = find(known(...escrows(4, { amount: "175.00" })));
    expect(finding).toMatchObject({
      severity: "critical",
      suspectPayee: "flaky-upstream",
      thresholds: {
        limitPerInterval: "300.00",
        criticalPerInterval: "600.00",
        sigmas: 2,
        intervalMs: 60_000,
        repeatedShare: 0.6,
        singlePayment: "10000.00",
      },
      baseline: { kind: "robust", samples: 10, median: "100.00", mad: "0.00" },
    });
    expect(finding?.observed).toEqual({
      total: "700.00",
      repeated: "525.00",
      repeatedShare: 0.75,
      payments: 4,
      payees: 1,
      largestPayment: "175.00",
      z: 6,
    });
    expect(finding?.sentence).toBe(
      "$700.00 spent within a minute to 1 payee, $525.00 (75 %) repeated, the largest payment $175.00; the limit for this agent is $300.00",
    );
  });

  it("names no suspect where the money is spread, and shows the escrows of the interval and no others", () => {
    const batch = escrows(30, { payee: (index) => `worker-${index}`, amount: around(60) });
    const before = escrows(3, { from: noon - 5_000 });
    const finding = find(windowOf([...before, ...batch], usual));
    expect(finding).toMatchObject({ severity: "warning", suspectPayee: null });
    expect(finding?.entries.map(({ eventId }) => eventId)).toEqual(batch.map(({ eventId }) => eventId));
  });

  it("is a warning at most in a batch of an agent whose usual business is small", () => {
    const batch = escrows(60, {
      everyMs: 900,
      payee: (index) => `supplier-${index % 45}`,
      amount: (index) => `${900 + index * 7}.10`,
    });
    for (let seen = 1; seen <= batch.length; seen += 1)
      expect(find(known(...batch.slice(0, seen)))?.severity, `after ${seen} payments`).toBe("warning");
  });

  it("adds fees and payments to the principal of escrows", () => {
    expect(find(withOutflow(known(...escrows(1, { amount: "290.00" })), "the gateway's fees", "10.00"))).toBeNull();
    const finding = find(
      withOutflow(known(...escrows(1, { amount: "290.00" })), "the gateway's fees", "10.00", "0.01"),
    );
    expect(finding).toMatchObject({ severity: "warning", observed: { total: "300.01" } });
  });

  it("never takes payments of the account for repetition: it does not say whom they went to", () => {
    const equal = Array.from({ length: 12 }, () => "450.00");
    const finding = find(withOutflow(known(...escrows(1, { amount: "1.00" })), "payment of 450.00", ...equal));
    expect(finding).toMatchObject({
      severity: "warning",
      suspectPayee: null,
      observed: { total: "5401.00", repeated: "0.00", repeatedShare: 0, payees: 1, payments: 13 },
    });
  });

  it("weighs what was repeated against those payments too", () => {
    const loop = known(...escrows(3, { from: noon + 1_000, amount: "200.00" }));
    const withPaid = (amount: string) => find(withOutflow(loop, "payment", amount));
    expect(withPaid("66.66")).toMatchObject({ severity: "critical", observed: { repeatedShare: 0.6 } });
    expect(withPaid("66.67")).toMatchObject({ severity: "warning", observed: { repeatedShare: 0.599 } });
  });

  it("says nothing of an interval that an incident answered which is over, and judges the next", () => {
    const view = known(...escrows(4, { amount: "175.00" }));
    expect(find({ ...view, afreshMinute: minute })).toBeNull();
    expect(find({ ...view, afreshMinute: minute - 1 })).not.toBeNull();
  });

  it("judges later intervals too where a late event completes what they are measured by", () => {
    const view = windowOf(escrows(4, { amount: "175.00" }), usual);
    expect(find({ ...view, at: noon - 12 * MINUTE_MS })).toMatchObject({ severity: "critical" });
    expect(find({ ...view, at: noon + MINUTE_MS })).toBeNull();
  });

  it("finds a moment of concentrated loss though more was spread before the minute was over", () => {
    const loss = (fromMs: number) => escrows(4, { from: noon + fromMs, amount: "250.00" });
    const batch = escrows(20, { from: noon + 10_000, payee: (index) => `worker-${index}`, amount: around(60) });
    const hidden = find(known(...loss(0), ...batch));
    expect(hidden).toMatchObject({ severity: "critical", suspectPayee: "flaky-upstream" });
    expect(hidden?.observed).toMatchObject({ spentByThen: "750.00", repeated: "500.00", repeatedShare: 0.666 });
    expect(hidden?.sentence).toMatch(
      /^\$2,\d{3}\.\d\d spent within a minute, the first \$750\.00 of it to 1 payee, \$500\.00/,
    );
    expect(find(known(...batch, ...loss(50_000)))).toMatchObject({ severity: "warning", suspectPayee: null });
  });

  it("says in how many payments where the account does not say to whom, and never to how many payees", () => {
    const said = (view: WindowView) => find(view)?.sentence;
    expect(said(withOutflow(known(), "", "12010.00"))).toBe(
      "$12,010.00 spent within a minute in 1 payment, the largest payment $12,010.00; the limit for this agent is $300.00",
    );
    const many = Array.from({ length: 19 }, () => "700.00");
    expect(said(withOutflow(known(), "", ...many))).toMatch(
      /^\$13,300\.00 spent within a minute in 19 payments, the largest/,
    );
    const mixed = said(withOutflow(known(...escrows(4, { amount: "175.00" })), "", ...many));
    expect(mixed).toMatch(/ in 23 payments, 4 of them to 1 payee, \$525\.00 \(4 %\) repeated/);
    const forgotten = withOutflow(known(), "", ...many);
    expect(said({ ...forgotten, outflows: forgotten.outflows.slice(9) })).toContain("in more than 10 payments");
  });

  it("takes intervals of several minutes by the clock", () => {
    const intervalMs = 5 * MINUTE_MS;
    const split = [...escrows(1, { amount: "3000.00" }), ...escrows(1, { from: noon + 299_999, amount: "3000.00" })];
    expect(find(windowOf(split), { intervalMs })?.sentence).toContain("within 5 min");
    const apart = [...escrows(1, { amount: "3000.00" }), ...escrows(1, { from: noon + 300_000, amount: "3000.00" })];
    expect(find(windowOf(apart), { intervalMs })).toBeNull();
  });
});

describe("with the seeds' baseline", () => {
  it("says so, and asks for no spread of payees: it knows none", () => {
    const entries = escrows(20, { payee: (index) => `worker-${index}`, amount: "50.00" });
    const view = windowOf(
      entries,
      Array.from({ length: 30 }, (_, index) => `${100 + (index % 3)}.00`),
    );
    expect(find(view, { baseline: "mean-sigma" })).toMatchObject({
      severity: "critical",
      suspectPayee: null,
      observed: { total: "1000.00", z: expect.any(Number) },
      baseline: { kind: "mean-sigma", samples: 31 },
    });
    expect(find(view)).toMatchObject({ severity: "warning" });
  });
});

describe("with an absolute limit beside the baseline", () => {
  const absolutePerInterval = money("500.00");

  it("is critical above twice of it however the money is spread", () => {
    const batch = escrows(20, { payee: (index) => `worker-${index}`, amount: around(60) });
    expect(find(windowOf(batch), { absolutePerInterval })).toMatchObject({
      severity: "critical",
      thresholds: { absolutePerInterval: "500.00", limitPerInterval: "5000.00" },
      baseline: { kind: "cold-start" },
    });
  });

  it("says nothing below the least that can be an anomaly", () => {
    const small = windowOf(escrows(1, { amount: "99.99" }));
    expect(find(small, { absolutePerInterval: money("10.00") })).toBeNull();
  });
});
