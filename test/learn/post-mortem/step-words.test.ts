import { describe, expect, it } from "vitest";
import { stepDone } from "../../../src/learn/post-mortem/step-words.ts";

const words = (result: Record<string, unknown>) => stepDone({ step: "record-budget-cap", result });

describe("the caps from before, in a sentence", () => {
  it("are amounts, none, or not shown, as the tools form shows no month", () => {
    expect(words({ dailyCap: "333.33", monthlyCap: null })).toBe(
      "Budget caps from before: $333.33 a day, no cap a month.",
    );
    expect(words({ dailyCap: "333.33", monthlyCap: "not shown" })).toBe(
      "Budget caps from before: $333.33 a day, a cap that the gateway does not show a month. What comes back a month is 30 times the day, unless the fleet's settings say it.",
    );
  });
});
