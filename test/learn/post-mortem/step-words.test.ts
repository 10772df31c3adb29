import { describe, expect, it } from "vitest";
import { wouldHave } from "../../../src/incident/step-name.ts";
import { stepDone } from "../../../src/learn/post-mortem/step-words.ts";
import { timelineWords } from "../../../src/learn/post-mortem/timeline-words.ts";
import { runbooks } from "../../../src/runbooks/index.ts";
import { anIncident } from "./an-incident.ts";

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

  it("are as last seen, or as the settings say them, where the gateway did not show them", () => {
    const told = (source: string) => words({ dailyCap: null, monthlyCap: null, source });
    expect(told("gateway")).toBe("Budget caps from before: no cap a day, no cap a month.");
    expect(told("last-seen")).toBe("Budget caps as last seen before: no cap a day, no cap a month.");
    expect(told("configured")).toMatch(/^Budget caps from before, as the settings say them:/);
  });

  it("are said anew where the gateway showed others as the freeze left", () => {
    const detail = { dailyCap: "1000.00", monthlyCap: "20000.00", alertThreshold: null };
    expect(timelineWords["caps-changed-since-last-seen"]?.(detail, anIncident())).toMatch(
      /these are kept as those from before: \$1,000\.00 a day, \$20,000\.00 a month\.$/,
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
