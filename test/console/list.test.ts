import { describe, expect, it } from "vitest";
import { groupCascades, riskOf } from "../../src/console/words/cascade-groups.ts";
import { listPath, MOST, shownOf } from "../../src/console/words/incident-list.ts";
import { overviewOf, riskText } from "../../src/console/words/risk.ts";
import type { Status } from "../../src/incident/incident.ts";
import type { SumUp } from "../../src/incident/sum-up.ts";

describe("the list of incidents", () => {
  const one = (id: string, status: Status, cascadeId: string | null = null) => ({ id, status, cascadeId });

  it("puts open incidents of one cascade together, where the most urgent of them stands", () => {
    const list = [
      one("a", "contained", "cas-1"),
      one("b", "contained"),
      one("c", "contained", "cas-1"),
      one("d", "resolved", "cas-1"),
    ];
    expect(groupCascades(list).map(({ members }) => members.map(({ id }) => id))).toEqual([["a", "c"], ["b"], ["d"]]);
  });

  it("asks for what bleeds before all, and for more in whole steps up to a bound", () => {
    expect(listPath({ status: "", agent: "a b" }, 100)).toBe("/api/incidents?agent=a+b&order=urgency&limit=100");
    expect([null, "made up", "-1", "50", "51", 101].map(shownOf)).toEqual([50, 50, 50, 50, 100, 150]);
    expect(shownOf("999999")).toBe(MOST);
  });
});

describe("what is at risk, in words", () => {
  const dollars = (atRisk: string | null, isCounted: boolean) => ({ dollars: { atRisk, isCounted } });

  it("is never zero and never none where something was not counted", () => {
    const uncounted = riskOf([dollars("0.00", true), dollars(null, false)]);
    expect(riskText(uncounted)).toBe("what is at risk is not counted yet");
    expect(riskText({ atRisk: "0.00", isCounted: false })).toBe("what is at risk is not counted yet");
    expect(riskText(riskOf([dollars("50.00", true), dollars(null, false)]))).toBe("at least $50.00 at risk");
    expect(riskText(riskOf([dollars("50.00", true), dollars("0.00", true)]))).toBe("$50.00 at risk");
    expect(riskText(riskOf([dollars("0.00", true)]))).toBe("no money is at risk");
  });
});

describe("the one sentence above the list", () => {
  const none = { atRisk: "0.00", isCounted: true };
  const said = (more: Partial<SumUp> = {}) => {
    const all = { open: 0, bleeding: 0, unattended: 0, risk: none, dryRuns: { open: 0, risk: none }, ...more };
    const { tone, lead, rest } = overviewOf(all);
    return [tone, `${lead}${rest}`];
  };

  it("says that something bleeds, and never that nothing is at risk where nobody counted", () => {
    expect(said({ open: 1, bleeding: 1, risk: { atRisk: null, isCounted: false } })).toEqual([
      "danger",
      "1 incident is open, it is bleeding, what is at risk is not counted yet",
    ]);
    expect(said({ open: 261, bleeding: 1, risk: { atRisk: "950.00", isCounted: false } })).toEqual([
      "danger",
      "261 incidents are open, 1 bleeding, at least $950.00 at risk",
    ]);
    expect(said({ open: 1, risk: { atRisk: null, isCounted: false } })[0]).toBe("warn");
  });

  it("says that no money is at risk once all of it was counted, and is back", () => {
    expect(said({ open: 1 })).toEqual(["hold", "1 incident is open, no money is at risk"]);
  });

  it("does not call quiet what is only watched", () => {
    const risk = { atRisk: "100.00", isCounted: true };
    const text = "2 dry runs are open: nothing is being done, $100.00 at risk";
    expect(said({ dryRuns: { open: 2, risk } })).toEqual(["warn", text]);
    expect(said({ open: 1, risk, dryRuns: { open: 1, risk } })).toEqual([
      "danger",
      "1 incident is open, $100.00 at risk. Besides, 1 dry run is open: nothing is being done there",
    ]);
    expect(said()).toEqual(["ok", "All quiet: no incident is open."]);
  });
});
