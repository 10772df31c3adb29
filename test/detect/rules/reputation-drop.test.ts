import { describe, expect, it } from "vitest";
import { reputationDrop, type StandingView } from "../../../src/detect/rules/reputation-drop.ts";
import { defaultThresholds } from "../../../src/settings/thresholds.ts";

const reading = (score: number, at: number) => ({ score, at, eventId: `evt-0-${at}` });
const find = (given: Partial<StandingView>) =>
  reputationDrop.find(
    {
      at: 20,
      zero: null,
      lowest: reading(0.5, 20),
      first: { score: 0.85, at: 10 },
      baseline: { score: 0.85, at: 10, kind: "first-seen" },
      accepted: null,
      epoch: 0,
      observed: 0,
      ...given,
    },
    defaultThresholds,
  );

describe("a reputation below its baseline (D2)", () => {
  it("says by how much, and where the baseline is from", () => {
    expect(find({})).toMatchObject({
      severity: "critical",
      sentence: "The reputation is 0.5, 41.1 % below its baseline of 0.85",
      observed: { score: 0.5, dropPct: 41.1 },
      baseline: { kind: "first-seen", score: 0.85 },
      thresholds: { criticalDropPct: 30, warningDropPct: 15 },
    });
    expect(find({ baseline: { score: 0.85, at: null, kind: "settings" } })?.baseline).toEqual({
      kind: "settings",
      score: 0.85,
    });
  });

  it("is said by the reading that is it, not again by every later one that is no lower", () => {
    expect(find({ at: 30 })).toBeNull();
    expect(find({ at: 10 })).not.toBeNull();
  });

  it("is none without a baseline, and none before it", () => {
    expect(find({ baseline: null })).toBeNull();
    expect(find({ lowest: null })).toBeNull();
  });

  it("may have fallen to zero; a zero before the first score was never computed", () => {
    expect(find({ zero: reading(0, 15), at: 12 })?.observed).toMatchObject({ score: 0, dropPct: 100 });
    expect(find({ zero: reading(0, 5) })?.observed).toMatchObject({ score: 0.5 });
    expect(
      find({ zero: reading(0, 5), at: 5, baseline: { score: 0.85, at: null, kind: "settings" } })?.observed,
    ).toMatchObject({
      score: 0,
    });
  });
});
