import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { robustLimit } from "../../src/detect/baseline.ts";
import { meanAndSigma, meanSigma, robust, type Spending } from "../../src/detect/spend-baseline.ts";
import { formatMoney, type Money, money } from "../../src/incident/money.ts";
import { type CostAnomalyThresholds, defaultThresholds } from "../../src/settings/thresholds.ts";

const thresholds = defaultThresholds.costAnomaly;
/** One interval after the other, from 1000 on; "" is one without spending. */
const spending = (...amounts: readonly string[]): Spending =>
  amounts.flatMap((amount, index) => (amount === "" ? [] : [[1_000 + index, money(amount)] as const]));
const repeat = (count: number, amount: string) => Array.from({ length: count }, () => amount);

/** What this one says of the last interval. */
function judged(baseline: typeof robust, spent: Spending, own: Partial<CostAnomalyThresholds> = {}) {
  const [interval, total] = spent.at(-1)!;
  const limit = baseline(spent, new Set([interval]), { ...thresholds, ...own }).get(interval);
  if (!limit || total <= limit.limit) return "nothing";
  return total > limit.limit * 2n ? "critical" : "warning";
}

describe("the robust baseline", () => {
  const usual = repeat(10, "100");
  const limitAfter = (...amounts: readonly string[]) => {
    const spent = spending(...amounts, "1");
    return formatMoney(
      robust(spent, new Set([spent.at(-1)![0]]), thresholds)
        .values()
        .next().value!.limit,
    );
  };

  it("is frozen while spending is anomalous: a loss teaches nothing, so the next one is a loss again", () => {
    expect(limitAfter(...usual)).toBe("300.00");
    expect(limitAfter(...usual, ...repeat(40, "46800"))).toBe("300.00");
    expect(judged(robust, spending(...usual, ...repeat(40, "46800"), "46800"))).toBe("critical");
  });

  it("learns from what is only more than usual", () => {
    expect(limitAfter(...usual, ...repeat(30, "250"))).toBe("750.00");
  });

  it("learns from what is too little to be an anomaly, to the cent", () => {
    const small = repeat(10, "10");
    expect(limitAfter(...small, ...repeat(40, "99.99"))).not.toBe("30.00");
    expect(limitAfter(...small, ...repeat(40, "100.00"))).toBe("30.00");
  });

  it("learns at first from everything below the cold-start limit, and from nothing above it", () => {
    expect(limitAfter(...repeat(10, "5000"))).toBe("15000.00");
    expect(limitAfter(...repeat(10, "5000.01"))).toBe("5000.00");
  });

  it("knows an interval by its number, and does not ask what came after it", () => {
    const spent = spending(...usual, "500", ...repeat(30, "250"));
    const of = (interval: number) => formatMoney(robust(spent, new Set([interval]), thresholds).get(interval)!.limit);
    expect(of(1_010)).toBe("300.00");
    expect(of(1_040)).toBe("750.00");
  });

  it("says how far over, in sigmas of the limit, and what it was measured by", () => {
    const spent = spending(...usual, "700");
    expect(robust(spent, new Set([1_010]), thresholds).get(1_010)).toMatchObject({
      z: 6,
      baseline: { kind: "robust", samples: 10, median: "100.00", mad: "0.00" },
    });
    expect(robust(spending("700"), new Set([1_000]), thresholds).get(1_000)).toMatchObject({
      z: null,
      baseline: { kind: "cold-start", samples: 0, minimumSamples: 10 },
    });
  });

  it("comes to what it would without its short cuts", () => {
    const amounts = fc.array(fc.bigInt({ min: 1n, max: 2_000_00000000n }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(amounts, fc.integer({ min: 3, max: 12 }), (all, minimumSamples) => {
        const own = { ...thresholds, minimumSamples, coldStartPerInterval: money("900") };
        const known: Money[] = [];
        for (const units of all as Money[]) {
          const limit = known.length < minimumSamples ? own.coldStartPerInterval : robustLimit(known, own).limit;
          if (units <= limit || units < own.minimumSpend) known.push(units);
        }
        const spent = [...all.map((units, index) => [index, units as Money] as const), [999, money("1")] as const];
        const expected = known.length < minimumSamples ? own.coldStartPerInterval : robustLimit(known, own).limit;
        expect(robust(spent, new Set([999]), own).get(999)?.limit).toBe(expected);
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});

/** Facts about the seeds' baseline, kept so that nobody takes them for a defect of ours or repairs them by accident. */
describe("the mean-sigma baseline, as the seeds have it", () => {
  const withOutlier = (samples: number) => spending(...repeat(samples - 1, "0.00000001"), "10000");

  it("needs five readings of a balance, that is four intervals, three of which spent something", () => {
    expect(meanSigma(spending("10", "20", "900"), new Set([1_002]), thresholds).size).toBe(0);
    expect(meanSigma(spending("10", "", "20", "900"), new Set([1_003]), thresholds).size).toBe(1);
    expect(meanSigma(spending("10", "", "", "900"), new Set([1_003]), thresholds).size).toBe(0);
  });

  it("takes mean and sample deviation of all intervals, the one under test among them", () => {
    const { mean, sigma } = meanAndSigma(["2", "4", "4", "4", "5", "5", "7", "9"].map(money));
    expect([formatMoney(mean), formatMoney(sigma)]).toEqual(["5.00", "2.13808993"]);
  });

  it("cannot warn before the 6th sample nor call anything critical before the 20th, however large", () => {
    const own = { sigmas: 2 };
    expect([5, 6, 19, 20].map((samples) => judged(meanSigma, withOutlier(samples), own))).toEqual([
      "nothing",
      "warning",
      "warning",
      "critical",
    ]);
    const advised = { sigmas: 2.5 };
    expect([28, 29].map((samples) => judged(meanSigma, withOutlier(samples), advised))).toEqual([
      "warning",
      "critical",
    ]);
  });

  it("excuses the second loss by the first: the robust one does not", () => {
    const twice = spending(...repeat(20, "100"), "10000", "10000");
    expect(judged(meanSigma, twice.slice(0, -1))).toBe("critical");
    expect(judged(meanSigma, twice)).toBe("warning");
    expect(judged(meanSigma, spending(...repeat(20, "100"), ...repeat(5, "10000")))).toBe("nothing");
    expect(judged(robust, spending(...repeat(20, "100"), ...repeat(5, "10000")))).toBe("critical");
  });

  it("says nothing where every interval is the same: there is no deviation to measure by", () => {
    expect(meanSigma(spending(...repeat(30, "100")), new Set([1_029]), thresholds).size).toBe(0);
  });

  it("says z as the seeds do: distance from the mean in deviations", () => {
    const spent = spending("100", "110", "90", "100", "100", "180");
    const { mean, sigma } = meanAndSigma(spent.map(([, total]) => total));
    const z = Number(((money("180") - mean) * 100n) / sigma) / 100;
    expect(meanSigma(spent, new Set([1_005]), thresholds).get(1_005)?.z).toBeCloseTo(z, 1);
  });
});
