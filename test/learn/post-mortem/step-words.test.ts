import { describe, expect, it } from "vitest";
import { wouldHave } from "../../../src/incident/step-name.ts";
import { stepDone } from "../../../src/learn/post-mortem/step-words.ts";
import { runbooks } from "../../../src/runbooks/index.ts";

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

describe("a step of a dry run, in a sentence", () => {
  it("says that it would have been done, and that nothing was", () => {
    const result = { dryRun: true, would: "freeze-budget" };
    expect(stepDone({ step: "dry-run freeze-budget", result })).toBe(
      "Would have frozen the budget. Nothing was done: it was a dry run.",
    );
    for (const { steps } of runbooks)
      for (const { name, effect } of steps)
        if (effect !== "reads") expect(wouldHave(name), name).not.toContain("done:");
  });

  it("says of what was only read what was read", () => {
    expect(stepDone({ step: "dry-run record-budget-cap", result: { dailyCap: "5.00", monthlyCap: null } })).toBe(
      "Budget caps from before: $5.00 a day, no cap a month.",
    );
  });
});
