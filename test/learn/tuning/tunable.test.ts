import { describe, expect, it } from "vitest";
import { nextValue, tunables } from "../../../src/learn/tuning/tunable.ts";
import { readSettings } from "../../../src/settings/settings.ts";
import { defaultThresholds } from "../../../src/settings/thresholds.ts";
import { valueAt } from "../../../src/settings/tuned.ts";

describe("the table of what may be tuned", () => {
  it("names thresholds that a settings file may say at either bound, and that the defaults lie between", () => {
    for (const { path, least, most } of tunables) {
      const [section, field] = path.split(".");
      const usual = valueAt(defaultThresholds, path);
      expect(usual, path).toBeGreaterThanOrEqual(least);
      expect(usual, path).toBeLessThanOrEqual(most);
      for (const value of [least, most]) {
        // Alone: a pair is another matter, and checked when it is proposed.
        const pair = {
          budgetWarningPct: 50,
          budgetExhaustionPct: 100,
          reputation: { warningDelta: 0.01, criticalDelta: 1, warningDropPct: 1, criticalDropPct: 100 },
        };
        const own =
          field === undefined
            ? { [section!]: value }
            : { [section!]: { ...(section === "reputation" ? pair.reputation : {}), [field]: value } };
        expect(
          () => readSettings(JSON.stringify({ thresholds: { ...pair, ...own } }), {}),
          `${path} ${value}`,
        ).not.toThrow();
      }
    }
  });

  it("is walked step by step to either bound and never past it, whatever the file began with", () => {
    for (const tunable of tunables)
      for (const direction of ["tighter", "looser"] as const)
        for (const begin of [
          tunable.least,
          (tunable.least + tunable.most) / 2,
          tunable.most,
          tunable.most * 3,
          tunable.least / 3,
        ]) {
          let [value, steps] = [begin, 0];
          for (
            let next = nextValue(tunable, value, direction);
            next !== null;
            next = nextValue(tunable, value, direction)
          ) {
            expect(direction === "tighter" ? next < value : next > value).toBe(true);
            expect(next).toBeGreaterThanOrEqual(tunable.least);
            expect(next).toBeLessThanOrEqual(tunable.most);
            [value, steps] = [next, steps + 1];
          }
          expect(steps).toBeLessThan(50);
        }
  });
});
