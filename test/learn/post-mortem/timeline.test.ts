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

describe("the same said several times in a row", () => {
  it("is said once, with how often and how long, and with no time of a clock that may not be the reader's", () => {
    const failed = (sec: number) =>
      ({
        at: seconds(sec),
        phase: "contain",
        what: "step-failed",
        detail: { step: "freeze-budget", message: "no" },
      }) as const;
    const textOf = (...timeline: ReturnType<typeof failed>[]) =>
      timelineOf(anIncident({ timeline }), seconds(0), seconds(60)).entries.find(({ what }) => what === "step-failed")
        ?.text;
    expect(textOf(failed(20), failed(23), failed(25))).toMatch(/ \(3 times within 5 s\)$/);
    expect(textOf(failed(20), failed(20))).toMatch(/ \(twice\)$/);
    expect(textOf(failed(20))).not.toContain("(");
  });
});
