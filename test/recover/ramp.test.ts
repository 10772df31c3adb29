import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Money, money } from "../../src/incident/money.ts";
import { capIn, compareCaps, needsNamedCaps, rampOf, timesFrom } from "../../src/recover/ramp.ts";

const rungs = [
  { afterMs: 0, percent: 50 },
  { afterMs: 6, percent: 75 },
  { afterMs: 24, percent: 100 },
];
const caps = (daily: string | null, monthly: string | null) => ({ dailyCap: capIn(daily), monthlyCap: capIn(monthly) });
const none = { halvedTo: null, named: null, rungs };
const amounts = (given: Partial<Parameters<typeof rampOf>[0]>) =>
  rampOf({ budget: "freeze", before: caps("500.00", "15000.00"), ...none, ...given })?.map(
    ({ dailyCap, monthlyCap }) => `${dailyCap} ${monthlyCap}`,
  );

describe("the amounts of a ramp", () => {
  it("are shares of both caps, rounded down to cents, which every form of the gateway shows, and the last is exact", () => {
    expect(amounts({ before: caps("0.03", "333.33333333") })).toEqual([
      "0.01 166.66",
      "0.02 249.99",
      "0.03 333.33333333",
    ]);
  });

  it("leave a cap that was none as none, where the other is an amount", () => {
    expect(amounts({ before: caps("500.00", null) })).toEqual(["250.00 null", "375.00 null", "500.00 null"]);
    expect(amounts({ before: caps(null, "10.00") })).toEqual(["null 5.00", "null 7.50", "null 10.00"]);
  });

  it("are shares of what a person named where both were none, and 100 % is none again", () => {
    const before = caps(null, null);
    expect(amounts({ before, named: caps("80.00", null) })).toEqual(["40.00 null", "60.00 null", "null null"]);
    expect(needsNamedCaps({ budget: "freeze", before, rungs })).toBe(true);
    expect(needsNamedCaps({ budget: "freeze", before, rungs: rungs.slice(2) })).toBe(false);
    expect(needsNamedCaps({ budget: "halve", before, rungs })).toBe(false);
    expect(needsNamedCaps({ budget: "freeze", before: caps("0.00", null), rungs })).toBe(false);
  });

  it("give only the day's cap back where only that was halved, at first never more than was left", () => {
    const halved = { budget: "halve", halvedTo: money("250.00") } as const;
    expect(amounts(halved)).toEqual(["250.00 15000.00", "375.00 15000.00", "500.00 15000.00"]);
    expect(amounts({ ...halved, halvedTo: money("249.99") })?.[0]).toBe("249.99 15000.00");
    expect(amounts({ ...halved, halvedTo: money("250.01") })?.[0]).toBe("250.00 15000.00");
    expect(amounts({ ...halved, before: caps(null, "15000.00") })).toBeUndefined();
    expect(amounts({ ...halved, halvedTo: null })).toBeUndefined();
  });

  it("are none where the budget was left alone", () => {
    expect(amounts({ budget: "leave" })).toBeUndefined();
  });

  it("never exceed what was before, and never fall, whatever that was (G11)", () => {
    const cap = fc.option(fc.bigInt({ min: 0n, max: 10n ** 23n - 1n }).map((one) => one as Money));
    const percents = fc
      .uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 5 })
      .map((some) => [...some.sort((a, b) => a - b), 100].map((percent, afterMs) => ({ afterMs, percent })));
    const most = (one: Money | null) => one ?? 10n ** 30n;
    fc.assert(
      fc.property(
        fc.record({ dailyCap: cap, monthlyCap: cap }),
        percents,
        fc.constantFrom("freeze" as const, "halve" as const),
        cap,
        (before, profile, budget, left) => {
          const halvedTo = left !== null && before.dailyCap !== null && left < before.dailyCap ? left : before.dailyCap;
          const named = { dailyCap: money("10.00"), monthlyCap: null };
          const ramp = rampOf({ budget, before, halvedTo, named, rungs: profile }) ?? [];
          for (const name of ["dailyCap", "monthlyCap"] as const) {
            const own = ramp.map((rung) => most(capIn(rung[name])));
            for (const [index, one] of own.entries()) {
              expect(one <= most(before[name])).toBe(true);
              expect(one >= (own[index - 1] ?? 0n)).toBe(true);
              const isShare = index < own.length - 1 && ramp[index]![name] !== ramp.at(-1)![name];
              if (isShare && one !== halvedTo) expect(one % 1_000_000n).toBe(0n);
            }
            if (ramp.length > 0) expect(own.at(-1)).toBe(most(before[name]));
          }
        },
      ),
      { seed: 7, numRuns: 300 },
    );
  });
});

describe("caps that are found", () => {
  const rung = { dailyCap: "250.00", monthlyCap: "7500.00" };
  it.each([
    ["equal", caps("250.00", "7500.00")],
    ["equal", caps("250.00999999", "7500.00")],
    ["above", caps("250.01", "7500.00")],
    ["above", caps("249.00", "7500.01")],
    ["above", caps("250.00", null)],
    ["equal", caps("249.99000001", "7499.995")],
    ["below", caps("249.99", "7500.00")],
    ["below", caps("0.00", "0.00")],
    ["equal", { dailyCap: money("250.00"), monthlyCap: undefined }],
  ] as const)("are %s", (expected, found) => {
    expect(compareCaps(found, rung)).toBe(expected);
  });

  it("are below where a cap stands that should be none, and equal where it is none", () => {
    expect(compareCaps(caps("9.00", null), { dailyCap: null, monthlyCap: null })).toBe("below");
    expect(compareCaps(caps(null, null), { dailyCap: null, monthlyCap: null })).toBe("equal");
  });
});

describe("the times of a ramp", () => {
  const recovery = { rungs: rungs.map((rung) => ({ ...rung, dailyCap: null, monthlyCap: null })), normalAfterMs: 48 };
  it("count from the rung that stands, so that a late one shortens none after it", () => {
    expect(timesFrom(recovery, 0, 100)).toEqual({ rungAt: 100, dueAt: 106, normalAt: 148 });
    expect(timesFrom(recovery, 1, 110)).toEqual({ rungAt: 110, dueAt: 128, normalAt: 152 });
    expect(timesFrom(recovery, 2, 130)).toEqual({ rungAt: 130, dueAt: null, normalAt: 154 });
  });
});
