import { describe, expect, it } from "vitest";
import { costAnomaly } from "../../../src/detect/rules/cost-anomaly.ts";
import { type Money, money } from "../../../src/incident/money.ts";
import type { WindowView } from "../../../src/incident/windows.ts";
import { type CostAnomalyThresholds, defaultThresholds } from "../../../src/settings/thresholds.ts";
import { around, escrows, MINUTE_MS, noon, windowOf } from "./windows.ts";

const find = (view: WindowView, own: Partial<CostAnomalyThresholds> = {}) =>
  costAnomaly.find(view, { ...defaultThresholds, costAnomaly: { ...defaultThresholds.costAnomaly, ...own } });
const usual = Array.from({ length: 10 }, () => "100.00");
const known = (...entries: ReturnType<typeof escrows>) => windowOf(entries, usual);
const minute = noon / MINUTE_MS;
/** Money that left the account at noon without an escrow. */
const withOutflow = (view: WindowView, payee: string, ...amounts: readonly string[]): WindowView => ({
  ...view,
  at: noon,
  outflows: amounts.map((amount, index) => ({ at: noon + index, eventId: `evt-0-tx-${index}`, payee, amount })),
  outflowByMinute: new Map([[minute, amounts.reduce((sum, amount) => sum + money(amount), 0n) as Money]]),
});

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
        repeatedShare: 0.5,
        singlePayment: "10000.00",
      },
      baseline: { kind: "robust", samples: 10, median: "100.00", mad: "0.00" },
    });
    expect(finding?.observed).toEqual({
      total: "700.00",
      repeated: "525.00",
      repeatedShare: 0.75,
      payees: 1,
      largestPayment: "175.00",
      z: 6,
    });
    expect(finding?.sentence).toBe(
      "700.00 spent within a minute to 1 payee, 525.00 (75 %) repeated, the largest payment 175.00; the limit for this agent is 300.00",
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
      observed: { total: "5401.00", repeated: "0.00", repeatedShare: 0, payees: 13 },
    });
  });

  it("weighs what was repeated against those payments too", () => {
    const loop = known(...escrows(3, { from: noon + 1_000, amount: "200.00" }));
    const withPaid = (amount: string) => find(withOutflow(loop, "payment", amount));
    expect(withPaid("200.00")).toMatchObject({ severity: "critical", observed: { repeatedShare: 0.5 } });
    expect(withPaid("200.01")).toMatchObject({ severity: "warning", observed: { repeatedShare: 0.499 } });
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
      /^2\d{3}\.\d\d spent within a minute, the first 750\.00 of it to 1 payee, 500\.00/,
    );
    expect(find(known(...batch, ...loss(50_000)))).toMatchObject({ severity: "warning", suspectPayee: null });
  });

  it("takes intervals of several minutes by the clock", () => {
    const intervalMs = 5 * MINUTE_MS;
    const split = [...escrows(1, { amount: "3000.00" }), ...escrows(1, { from: noon + 299_999, amount: "3000.00" })];
    expect(find(windowOf(split), { intervalMs })?.sentence).toContain("within 5 min");
    const apart = [...escrows(1, { amount: "3000.00" }), ...escrows(1, { from: noon + 300_000, amount: "3000.00" })];
    expect(find(windowOf(apart), { intervalMs })).toBeNull();
  });
});

/** Spends 50 to 300 a minute: the limit is 510.00. */
const payer = ["50.00", "90.00", "130.00", "170.00", "170.00", "170.00", "170.00", "210.00", "250.00", "300.00"];
const severities = (entries: ReturnType<typeof escrows>, before: readonly string[]) =>
  entries.map((_, index) => find(windowOf(entries.slice(0, index + 1), before))?.severity ?? null);

describe("what costs much and repeats nothing (D3)", () => {
  it("is a warning at most after every payment of a payroll, whoever is paid first", () => {
    const salaries = ["2600.00", "1900.00", "1750.00", "4800.00"];
    const payroll = escrows(20, {
      everyMs: 2_250,
      payee: (index) => `worker-${index}`,
      amount: (index) => salaries[index % 4]!,
    });
    expect(find(known(...payroll))).toMatchObject({ suspectPayee: null, observed: { payees: 20, repeated: "0.00" } });
    expect(severities(payroll, payer)).toEqual(payroll.map(() => "warning"));
  });

  it("is a warning where it is one salary, far over the limit as it may be", () => {
    expect(find(windowOf(escrows(1, { amount: "9999.00" }), payer))).toMatchObject({
      severity: "warning",
      suspectPayee: null,
      thresholds: { limitPerInterval: "510.00" },
    });
  });

  it("is a warning where an agent of small sums buys once", () => {
    const small = Array.from({ length: 10 }, (_, index) => `${3 + (index % 4)}.00`);
    expect(severities(escrows(1, { amount: "260.00" }), small)).toEqual(["warning"]);
  });

  it("is a warning where a payroll is seen in the account only, of equal salaries", () => {
    const view = windowOf(escrows(1, { amount: "1.00" }), payer);
    const salaries = Array.from({ length: 25 }, () => "2500.00");
    for (let seen = 1; seen <= salaries.length; seen += 1)
      expect(find(withOutflow(view, "payment of 2500.00", ...salaries.slice(0, seen)))?.severity).toBe("warning");
  });

  it("names no suspect in a warning, whom other customers of the same shop could be linked by", () => {
    expect(find(known(...escrows(2, { amount: "299.00" })))).toMatchObject({ severity: "warning", suspectPayee: null });
  });
});

describe("what repeats itself (D3)", () => {
  const spread = escrows(80, {
    everyMs: 620,
    payee: (index) => `sink-${index % 8}`,
    amount: (index) => `${1_000 + (index % 7)}.00`,
  });

  it("is critical though eight payees share it, from the moment most of it is repetition", () => {
    const all = severities(spread, usual);
    // The first eight are each payee's first; the sixteenth makes half of it repeated.
    expect(all.indexOf("critical")).toBe(16);
    expect(all.slice(16)).toEqual(spread.slice(16).map(() => "critical"));
  });

  it("says all that was spent, and names the payee with most of the repeated part", () => {
    const more = escrows(1, { from: noon + 55_000, payee: "sink-3", amount: "1003.00" });
    expect(find(known(...spread, ...more))).toMatchObject({
      suspectPayee: "sink-3",
      observed: { total: "81237.00", payees: 8, repeatedShare: 0.9 },
    });
  });

  it("is counted for payments that are no longer kept, as for those that are", () => {
    const kept = escrows(80, { everyMs: 100, payee: (index) => `sink-${index % 8}`, amount: "50.00" });
    const spentInAll = (total: string): WindowView => ({
      ...windowOf(kept),
      principalByMinute: new Map([[minute, money(total)]]),
    });
    expect(find(spentInAll("10000.00"))).toMatchObject({ severity: "warning" });
    expect(find(spentInAll("12500.00"))).toMatchObject({
      severity: "critical",
      observed: { total: "12500.00", repeated: "11250.00", repeatedShare: 0.9 },
    });
  });

  it("asks for as large a share as the settings say", () => {
    const four = known(...escrows(4, { amount: "175.00" }));
    expect(find(four, { repeatedShare: 0.75 })).toMatchObject({ severity: "critical" });
    expect(find(four, { repeatedShare: 0.751 })).toMatchObject({ severity: "warning" });
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
