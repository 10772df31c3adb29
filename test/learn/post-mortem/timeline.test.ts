import { describe, expect, it } from "vitest";
import { timelineOf } from "../../../src/learn/post-mortem/timeline.ts";
import { anIncident, seconds } from "./an-incident.ts";

describe("two steps that are done within one millisecond", () => {
  it("are told each under its own name, so that nobody takes the one for the other", () => {
    const done = (step: string, result: Record<string, unknown>) =>
      ({ at: seconds(20), phase: "contain", what: "step-done", detail: { step, result } }) as const;
    const timeline = [
      done("record-budget-cap", { dailyCap: "500.00", monthlyCap: null }),
      done("verify-identity", { verdict: "unknown" }),
    ];
    const { entries } = timelineOf(anIncident({ timeline }), seconds(0), seconds(60));
    expect(entries.flatMap(({ step, text }) => (step === undefined ? [] : [[step, text]]))).toEqual([
      ["record-budget-cap", "Budget caps from before: $500.00 a day, no cap a month."],
      ["verify-identity", "Identity check: nothing at the gateway to check it against."],
    ]);
  });
});
