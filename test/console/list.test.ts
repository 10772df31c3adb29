import { describe, expect, it } from "vitest";
import { byUrgency, groupCascades, sumUp } from "../../src/console/words/by-urgency.ts";
import { overviewOf } from "../../src/console/words/risk.ts";
import type { Priority, Status } from "../../src/incident/incident.ts";

const one = (id: string, priority: Priority, status: Status, openedAt: string, more = {}) => ({
  ...{ id, priority, status, openedAt: `2026-11-22T${openedAt}:00.000Z` },
  ...{ dryRun: false, effectiveAt: null, supersededBy: null, recovery: null, cascadeId: null, isUnattended: false },
  dollars: { atRisk: "50.00", isCounted: true },
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

  it("sums up what is open in earnest: how many, what their escrows still hold, how many nobody has; dry runs apart", () => {
    const list = [
      one("a", "P0", "contained", "03:00", { isUnattended: true }),
      one("b", "P1", "containing", "02:00", { effectiveAt: "2026-11-22T02:00:01.000Z" }),
      one("dry", "P0", "observed", "01:00", { dryRun: true }),
      one("over", "P0", "resolved", "00:00"),
    ];
    const dryRuns = { open: 1, risk: { atRisk: "50.00", isCounted: true } };
    const risk = { atRisk: "100.00", isCounted: true };
    expect(sumUp(list)).toEqual({ open: 2, risk, bleeding: 0, unattended: 1, dryRuns });
  });
});

describe("the one sentence above the list", () => {
  const said = (...list: readonly Parameters<typeof sumUp>[0][number][]) => {
    const { tone, lead, rest } = overviewOf(sumUp(list), "");
    return [tone, `${lead}${rest}`];
  };
  const bleeding = (dollars: object) => one("a", "P0", "containing", "03:00", { dollars });

  it("says that something bleeds, and never that nothing is at risk where nobody counted", () => {
    expect(said(bleeding({ atRisk: null, isCounted: false }))).toEqual([
      "danger",
      "1 incident is open, it is bleeding, what is at risk is not counted yet",
    ]);
    expect(said(bleeding({ atRisk: "900.00", isCounted: false }), one("b", "P0", "contained", "02:00"))).toEqual([
      "danger",
      "2 incidents are open, 1 bleeding, at least $950.00 at risk",
    ]);
  });

  it("says that no money is at risk once all of it was counted, and is back", () => {
    const back = { dollars: { atRisk: "0.00", isCounted: true } };
    expect(said(one("a", "P0", "contained", "03:00", back))).toEqual([
      "hold",
      "1 incident is open, no money is at risk",
    ]);
  });

  it("does not call quiet what is only watched", () => {
    const dry = one("a", "P0", "observed", "03:00", { dryRun: true });
    const text = "2 dry runs are open: nothing is being done, $100.00 at risk";
    expect(said(dry, { ...dry, id: "b" })).toEqual(["warn", text]);
    expect(said(dry, one("c", "P0", "contained", "03:00"))).toEqual([
      "danger",
      "1 incident is open, $50.00 at risk. Besides, 1 dry run is open: nothing is being done there",
    ]);
    expect(said()).toEqual(["ok", "All quiet: no incident is open."]);
  });
});
