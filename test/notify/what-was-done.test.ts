import { describe, expect, it } from "vitest";
import { alsoDone } from "../../src/notify/what-was-done.ts";
import { anIncident, seconds } from "../learn/post-mortem/an-incident.ts";

describe("a month that the gateway does not show, on a page", () => {
  const steps = (dailyCap: string | null) => [
    {
      step: "record-budget-cap",
      status: "done" as const,
      at: seconds(15),
      result: { dailyCap, monthlyCap: "not shown" },
    },
  ];
  const reckoned =
    "Budget: its monthly cap is not shown by the gateway: restored as 30 times the day, unless the fleet's settings say it";

  it("comes back by the day's cap, as the gateway showed that last before the freeze", () => {
    expect(alsoDone(anIncident({ steps: steps("500.00") }))).toEqual([reckoned]);
    expect(alsoDone(anIncident({ steps: steps(null) }))).toEqual([expect.stringContaining("or a person say it")]);
    const changed = { what: "caps-changed-since-last-seen", detail: { dailyCap: "500.00", monthlyCap: "not shown" } };
    const timeline = [{ ...changed, at: seconds(16), phase: "contain" as const }];
    expect(alsoDone(anIncident({ steps: steps(null), timeline }))).toEqual([reckoned]);
  });
});
