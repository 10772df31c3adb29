import { describe, expect, it } from "vitest";
import { timeliness } from "../../src/incident/deadline.ts";
import type { Priority } from "../../src/incident/incident.ts";

const RECEIVED = 1_000_000;
const incident = (priority: Priority, more: { containedAt?: number; closedAt?: number; dryRun?: boolean } = {}) => ({
  priority,
  receivedAt: RECEIVED,
  containedAt: null,
  closedAt: null,
  dryRun: false,
  ...more,
});
const MINUTE = 60_000;

describe("the deadline of an incident (mission P2)", () => {
  it.each([
    ["P0", 5_000],
    ["P1", 15 * MINUTE],
    ["P2", 60 * MINUTE],
  ] as const)("of %s is kept by being contained in less than %i ms", (priority, deadlineMs) => {
    const containedAfter = (ms: number) =>
      timeliness(incident(priority, { containedAt: RECEIVED + ms }), RECEIVED + ms);
    expect(containedAfter(deadlineMs - 1)).toEqual({ deadlineMs, timeliness: "in-time" });
    expect(containedAfter(deadlineMs)).toEqual({ deadlineMs, timeliness: "late" });
  });

  it("is still to come or missed while the agent is not contained", () => {
    const at = (ms: number) => timeliness(incident("P0"), RECEIVED + ms).timeliness;
    expect([at(4_999), at(5_000)]).toEqual(["due", "overdue"]);
  });

  it("is nobody's for P3, for a dry run, and once it was stood down before it came about", () => {
    const none = { deadlineMs: null, timeliness: "none" };
    expect(timeliness(incident("P3"), RECEIVED)).toEqual(none);
    expect(timeliness(incident("P0", { dryRun: true }), RECEIVED + MINUTE)).toEqual(none);
    expect(timeliness(incident("P0", { closedAt: RECEIVED + 1 }), RECEIVED + MINUTE).timeliness).toBe("none");
  });
});
