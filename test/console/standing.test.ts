import { describe, expect, it } from "vitest";
import { isOpen, type Stands, standingOf } from "../../src/console/words/standing.ts";

const incident = (more: Partial<Stands> = {}): Stands => ({
  ...{ status: "contained", priority: "P0", dryRun: false, effectiveAt: null, supersededBy: null, recovery: null },
  ...more,
});
const word = (more: Partial<Stands>) => standingOf(incident(more)).word;

describe("the one word that says how an incident is", () => {
  it("is that it bleeds, until the freeze is known to hold", () => {
    expect(word({ status: "detected" })).toBe("Bleeding");
    expect(word({ status: "containing" })).toBe("Bleeding");
    expect(word({ status: "containing", effectiveAt: "2026-11-22T02:47:13.000Z" })).toBe("Containing");
  });

  it("does not cry blood where only the quality suffers", () => {
    expect(word({ status: "containing", priority: "P1" })).toBe("Bleeding");
    expect(word({ status: "containing", priority: "P2" })).toBe("Acting");
  });

  it("says of a recovery how far it is, and that it stopped", () => {
    expect(word({ status: "recovering", recovery: { percent: 50 } })).toBe("Recovering 50 %");
    expect(word({ status: "recovering", recovery: { percent: null } })).toBe("Recovering 0 %");
    expect(word({ status: "recovering", recovery: { percent: 50, stopped: "relapsed" } })).toBe("Recovery stopped");
  });

  it("does not call resolved what new trouble replaced", () => {
    expect(word({ status: "resolved" })).toBe("Resolved");
    expect(word({ status: "resolved", supersededBy: "inc-0-a-2" })).toBe("Replaced");
  });

  it("says of a dry run that it is one, whatever it would have done", () => {
    expect(word({ status: "observed" })).toBe("Dry run");
    expect(word({ status: "contained", dryRun: true })).toBe("Dry run");
  });

  it("says that it is being called off", () => {
    expect(word({ standDown: { by: "ada" } })).toBe("Standing down");
    expect(word({ status: "stood-down", standDown: { by: "ada" } })).toBe("Stood down");
  });

  it("never tells two states apart by colour alone", () => {
    const all = [
      incident({ status: "detected" }),
      incident({ status: "containing", effectiveAt: "2026-11-22T02:47:13.000Z" }),
      incident(),
      incident({ status: "recovering" }),
      incident({ status: "resolved" }),
      incident({ status: "stood-down" }),
      incident({ status: "observed" }),
    ].map(standingOf);
    expect(new Set(all.map(({ icon }) => icon)).size).toBe(all.length);
    expect(new Set(all.map(({ word }) => word)).size).toBe(all.length);
  });

  it("counts as open until it is resolved or stood down", () => {
    expect(isOpen({ status: "recovering" })).toBe(true);
    expect(isOpen({ status: "resolved" })).toBe(false);
    expect(isOpen({ status: "stood-down" })).toBe(false);
  });
});
