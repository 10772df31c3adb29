import { describe, expect, it } from "vitest";
import { identicalEscrows } from "../../../src/detect/rules/identical-escrows.ts";
import { defaultThresholds } from "../../../src/settings/thresholds.ts";
import { escrows, windowOf } from "./windows.ts";

const find = (entries: ReturnType<typeof escrows>) => identicalEscrows.find(windowOf(entries), defaultThresholds);

describe("one payer opening escrows of one amount to one payee (D4)", () => {
  it("is a retry loop from the 8th within a minute, and not before", () => {
    expect(find(escrows(7))).toBeNull();
    expect(find(escrows(8))).toMatchObject({
      severity: "critical",
      suspectPayee: "flaky-upstream",
      thresholds: { identicalCount: 8, identicalWindowMs: 60_000 },
      observed: { count: 8, payee: "flaky-upstream", amount: "150.00", seconds: 7, total: "1200.00" },
    });
  });

  it("counts a minute to its last millisecond and no further", () => {
    const seven = escrows(7);
    const last = (lateMs: number) => escrows(1, { from: seven[0]!.at + 60_000 + lateMs });
    expect(find([...seven, ...last(0)])).not.toBeNull();
    expect(find([...seven, ...last(1)])).toBeNull();
  });

  it("is not made up of two slow runs, nor of different amounts, nor of different payees", () => {
    expect(find([...escrows(7), ...escrows(7, { from: escrows(1)[0]!.at + 70_000 })])).toBeNull();
    expect(find(escrows(30, { amount: (index) => `${100 + index}.00` }))).toBeNull();
    expect(find(escrows(30, { payee: (index) => `payee-${index}` }))).toBeNull();
    expect(find([...escrows(7), ...escrows(7, { amount: "150.01" }), ...escrows(7, { payee: "other" })])).toBeNull();
  });

  it("is found among everything else the agent does, with the escrows of the run and no others", () => {
    const noise = escrows(40, { payee: (index) => `payee-${index}`, everyMs: 500 });
    const run = escrows(9);
    const finding = find([...noise, ...run]);
    expect(finding?.observed).toMatchObject({ count: 9, total: "1350.00" });
    expect(finding?.entries).toEqual(run);
  });

  it("says how unusual the sum is where the agent's minutes are known, for the search of a root cause", () => {
    const zOf = (minutes: number) =>
      identicalEscrows.find(
        windowOf(
          escrows(8),
          Array.from({ length: minutes }, () => "100.00"),
        ),
        defaultThresholds,
      )?.observed.z;
    expect(zOf(9)).toBeUndefined();
    // Median 100, limit 150 at 3 sigma: 1200 lies 22 times that distance over the median.
    expect(zOf(10)).toBe(66);
  });

  it("keeps payee and amount apart where both are strange", () => {
    const odd = [...escrows(4, { payee: "a 1", amount: "5.00" }), ...escrows(4, { payee: "a", amount: "5.00" })];
    expect(find(odd)).toBeNull();
  });

  it("obeys the agent's own thresholds", () => {
    const strict = { ...defaultThresholds.escrowBurst, identicalCount: 3, identicalWindowMs: 2_000 };
    const thresholds = { ...defaultThresholds, escrowBurst: strict };
    expect(identicalEscrows.find(windowOf(escrows(3)), thresholds)).not.toBeNull();
    expect(identicalEscrows.find(windowOf(escrows(3, { everyMs: 1_001 })), thresholds)).toBeNull();
    expect(identicalEscrows.find(windowOf(escrows(2)), thresholds)).toBeNull();
  });
});

describe("the 2:47 story", () => {
  it("is a retry loop at its 8th escrow, one every 2.1 s", () => {
    expect(find(escrows(7, { everyMs: 2_115 }))).toBeNull();
    expect(find(escrows(8, { everyMs: 2_115 }))?.observed).toMatchObject({ count: 8, seconds: 15, total: "1200.00" });
  });
});
