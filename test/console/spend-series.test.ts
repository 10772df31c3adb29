import { describe, expect, it } from "vitest";
import { isFreezeWithinSum, spendPlot } from "../../src/console/words/spend-series.ts";
import type { SpendSeries } from "../../src/incident/spend.ts";

const start = Date.parse("2026-11-22T02:46:00.000Z");
const sec = (n: number) => new Date(start + n * 1_000).toISOString();

const series = (more: Partial<SpendSeries> = {}): SpendSeries => ({
  ...{ incidentId: "inc-0-a-1", agentId: "a", from: sec(0), until: sec(300), isWhole: true, keptUntil: null },
  points: [10, 20, 80].map((at, index) => ({ at: sec(at), amount: "0.10", total: `0.${index + 1}0`, spanMs: 0 })),
  ...{ baseline: null, limits: [], requestedAt: null, effectiveAt: null, containedAt: null },
  ...{ afterFreeze: "0.00", rungs: [] },
  ...more,
});
const levels = (one: SpendSeries) =>
  spendPlot(one).levels.map(({ at, amount }) => [(at - start) / 1_000, amount] as const);

describe("the plot of spend", () => {
  it("sums exactly over a moving minute: up with each payment, down when it leaves", () => {
    expect(levels(series())).toEqual([
      ...[[0, "0.00"] as const, [10, "0.10"] as const, [20, "0.20"] as const, [70, "0.10"] as const],
      ...[[80, "0.10"] as const, [140, "0.00"] as const, [300, "0.00"] as const],
    ]);
  });

  it("falls to nothing at the freeze, and shows what was spent after it", () => {
    const frozen = levels(series({ effectiveAt: sec(30) }));
    expect(frozen.find(([at]) => at === 30.001)).toEqual([30.001, "0.00"]);
    expect(frozen.find(([at]) => at === 80)).toEqual([80, "0.10"]);
    expect(spendPlot(series({ effectiveAt: sec(30) })).peak?.amount).toBe("0.20");
  });

  it("has a minute that is kept as one sum, and in which the freeze fell, before the freeze, as the words have it", () => {
    const points = [{ at: sec(0), amount: "47881.00", total: "47881.00", spanMs: 60_000 }];
    const one = series({ points, effectiveAt: sec(34) });
    const frozen = levels(one);
    expect(frozen).toContainEqual([34, "47881.00"]);
    expect(frozen.filter(([at]) => at > 34).every(([, amount]) => amount === "0.00")).toBe(true);
    expect(spendPlot(one).peak?.amount).toBe("47881.00");
    expect(isFreezeWithinSum(one)).toBe(true);
    expect(isFreezeWithinSum(series({ points, effectiveAt: sec(60) }))).toBe(false);
    // A sum that begins after the freeze was spent after it.
    expect(levels(series({ points, effectiveAt: sec(-1) }))).toContainEqual([60, "47881.00"]);
  });

  it("counts over the window of the line that was crossed, and brings what is usual to the same", () => {
    const limit = {
      what: "critical",
      amount: "5000.00",
      perMs: 300_000,
      signalId: "sig-1",
      rule: "cost-anomaly",
    } as const;
    const plot = spendPlot(
      series({ limits: [limit], baseline: { amount: "60.00", perMs: 60_000, samples: 12, from: "cost-anomaly" } }),
    );
    expect(plot.windowMs).toBe(300_000);
    expect(plot.usual).toBe("300.00");
    expect(plot.lines).toEqual([{ what: "critical", amount: "5000.00" }]);
  });

  it("draws of several lines of a kind the one that is crossed first", () => {
    const limit = (amount: string) =>
      ({ what: "critical", amount, perMs: 60_000, signalId: `sig-${amount}`, rule: "principal-burst" }) as const;
    expect(spendPlot(series({ limits: [limit("900.00"), limit("800.00")] })).lines).toEqual([
      { what: "critical", amount: "800.00" },
    ]);
  });

  it("shows the trouble and not the hour around it", () => {
    const { trouble } = spendPlot(series({ from: sec(-3_600), effectiveAt: sec(90) }));
    expect(trouble.map((at) => (at - start) / 1_000)).toEqual([-20, 150]);
  });
});
