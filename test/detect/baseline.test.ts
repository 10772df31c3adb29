import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { robustLimit } from "../../src/detect/baseline.ts";
import { formatMoney, type Money, money } from "../../src/incident/money.ts";

const amounts = fc.array(
  fc.bigInt({ min: 0n, max: 10n ** 13n }).map((units) => units as Money),
  { minLength: 1, maxLength: 40 },
);
const limitOf = (...samples: string[]) => {
  const { median, mad, limit } = robustLimit(samples.map(money));
  return [median, mad, limit].map(formatMoney);
};

describe("what is still the agent's own doing", () => {
  it("is median + 3 x 1.4826 x MAD, worked by hand", () => {
    // 10 20 30 40 100: median 30, distances 20 10 0 10 70, MAD 10, limit 30 + 3 x 14.826.
    expect(limitOf("10", "20", "30", "40", "100")).toEqual(["30.00", "10.00", "74.478"]);
  });

  it("is at least half as much again as the median, so that an even agent may vary", () => {
    expect(limitOf("100", "100", "100")).toEqual(["100.00", "0.00", "150.00"]);
    expect(limitOf("100", "100", "101", "99")).toEqual(["100.00", "1.00", "150.00"]);
  });

  it("takes the upper of two middles: rather a higher limit than a false freeze", () => {
    expect(limitOf("10", "20")[0]).toBe("20.00");
  });

  it("is not moved by one bad minute, however bad", () => {
    const usual = ["100", "110", "90", "105", "95", "100", "102", "98", "101", "99"];
    expect(limitOf(...usual, "46800")).toEqual(limitOf(...usual, "120"));
  });

  it("does not depend on the order of the samples, and never lies below the median", () => {
    fc.assert(
      fc.property(amounts, fc.nat(), (samples, turn) => {
        const found = robustLimit(samples);
        const cut = turn % samples.length;
        expect(robustLimit([...samples.slice(cut), ...samples.slice(0, cut)].reverse())).toEqual(found);
        expect(found.limit >= found.median).toBe(true);
        expect(samples.filter((sample) => sample >= found.median).length * 2).toBeGreaterThanOrEqual(
          samples.length - 1,
        );
      }),
      { seed: 7 },
    );
  });
});
