import { describe, expect, it } from "vitest";
import { money } from "../../../src/incident/money.ts";
import type { WindowView } from "../../../src/incident/windows.ts";
import { find, known, minute, usual, withOutflow } from "./spending.ts";
import { escrows, noon, windowOf } from "./windows.ts";

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
    // The first eight are each payee's first; with the twentieth three fifths are repeated.
    expect(all.indexOf("critical")).toBe(20);
    expect(all.slice(20)).toEqual(spread.slice(20).map(() => "critical"));
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

  it("is over the limit by itself, however small a share the settings ask for", () => {
    const twiceOf = (amount: string) =>
      known(...escrows(2, { amount }), ...escrows(1, { from: noon + 5_000, payee: "other", amount: "100.00" }));
    expect(find(twiceOf("300.00"), { repeatedShare: 0.3 })).toMatchObject({ severity: "warning" });
    expect(find(twiceOf("300.01"), { repeatedShare: 0.3 })).toMatchObject({ severity: "critical" });
  });

  it("points at the first of two who got as much again, and at nobody for a single large payment", () => {
    const inTurn = escrows(6, { payee: (index) => ["mallory", "trudy"][index % 2]!, amount: "175.00" });
    expect(find(known(...inTurn))).toMatchObject({ severity: "critical", suspectPayee: "mallory" });
    const large = escrows(1, { from: noon + 5_000, payee: "car-dealer", amount: "10000.01" });
    expect(find(known(...escrows(2, { amount: "5.00" }), ...large))).toMatchObject({
      severity: "critical",
      suspectPayee: null,
    });
  });

  it("asks for as large a share as the settings say", () => {
    const four = known(...escrows(4, { amount: "175.00" }));
    expect(find(four, { repeatedShare: 0.75 })).toMatchObject({ severity: "critical" });
    expect(find(four, { repeatedShare: 0.751 })).toMatchObject({ severity: "warning" });
  });
});
