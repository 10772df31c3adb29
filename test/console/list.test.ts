import { describe, expect, it } from "vitest";
import { atRisk, byUrgency, groupCascades, sumUp } from "../../src/console/words/by-urgency.ts";
import type { Priority, Status } from "../../src/incident/incident.ts";

const one = (id: string, priority: Priority, status: Status, openedAt: string, more = {}) => ({
  ...{ id, priority, status, openedAt: `2026-11-22T${openedAt}:00.000Z` },
  ...{ dryRun: false, effectiveAt: null, supersededBy: null, recovery: null, cascadeId: null, isUnattended: false },
  dollars: { locked: "100.00", recovered: "30.00", lost: "20.00" },
  ...more,
});
const ids = (list: readonly { id: string }[]) => list.map(({ id }) => id);

describe("the list of incidents", () => {
  it("has the open ones first by priority, each newest first, and then the others newest first", () => {
    const list = [
      one("over-p0", "P0", "resolved", "05:00"),
      one("p1-old", "P1", "contained", "01:00"),
      one("p1-new", "P1", "contained", "02:00"),
      one("p0", "P0", "contained", "00:30"),
      one("over-new", "P3", "stood-down", "06:00"),
    ];
    expect(ids(byUrgency(list))).toEqual(["p0", "p1-new", "p1-old", "over-new", "over-p0"]);
  });

  it("puts open incidents of one cascade together, where the most urgent of them stands", () => {
    const list = byUrgency([
      one("a", "P0", "contained", "03:00", { cascadeId: "cas-1" }),
      one("b", "P0", "contained", "02:00"),
      one("c", "P1", "contained", "01:00", { cascadeId: "cas-1" }),
      one("d", "P1", "resolved", "01:00", { cascadeId: "cas-1" }),
    ]);
    expect(groupCascades(list).map(({ members }) => ids(members))).toEqual([["a", "c"], ["b"], ["d"]]);
  });

  it("sums up what is open in earnest: how many, what their escrows still hold, how many nobody has", () => {
    const list = [
      one("a", "P0", "contained", "03:00", { isUnattended: true }),
      one("b", "P1", "containing", "02:00"),
      one("dry", "P0", "observed", "01:00", { dryRun: true }),
      one("over", "P0", "resolved", "00:00"),
    ];
    expect(atRisk(list[0]!)).toBe("50.00");
    expect(sumUp(list)).toEqual({ open: 2, atRisk: "100.00", unattended: 1 });
    expect(sumUp([])).toEqual({ open: 0, atRisk: "0.00", unattended: 0 });
  });
});
