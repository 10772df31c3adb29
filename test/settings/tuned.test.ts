import { describe, expect, it } from "vitest";
import type { Tuning } from "../../src/incident/tuning.ts";
import { holdSettings } from "../../src/settings/holder.ts";
import { presentSettings } from "../../src/settings/present.ts";
import { readSettings, thresholdsFor } from "../../src/settings/settings.ts";

const read = (yaml?: string) => readSettings(yaml, {});
const tuning = (given: Partial<Tuning> = {}): Tuning => ({
  ...{ id: "tun-1", agentId: "a", path: "costAnomaly.sigmas", direction: "tighter", from: 2, to: 1.5, fileValue: 2 },
  ...{ incidentId: "inc-0-a-1", reason: "late", madeAt: 1, state: "approved" },
  ...{ decidedBy: "ada", decidedAt: 2, decidedBecause: "seen it twice" },
  ...given,
});
const sigmas = (held: ReturnType<typeof holdSettings>, agentId = "a") =>
  thresholdsFor(held.live, agentId).costAnomaly.sigmas;

describe("a tuning in force", () => {
  it("says one value of one agent instead of the file, shown as such, and whoever kept the settings sees it", () => {
    const held = holdSettings(read("thresholds: { agents: { a: { errorSpike: { count: 30 } } } }"));
    const kept = held.live;
    const { hash } = held.state;
    held.tune([tuning()]);
    expect([sigmas(held), sigmas(held, "b"), thresholdsFor(kept, "a").errorSpike.count]).toEqual([1.5, 2, 30]);
    expect(held.state.tuned).toEqual([
      { path: "thresholds.agents.a.costAnomaly.sigmas", value: 1.5, fileValue: 2, tuning: "tun-1" },
    ]);
    expect(presentSettings(kept)).toMatchObject({ thresholds: { agents: { a: { costAnomaly: { sigmas: 1.5 } } } } });
    expect(held.state.hash).not.toBe(hash);
    expect(thresholdsFor(held.file, "a").costAnomaly.sigmas).toBe(2);
    held.tune([]);
    expect([sigmas(held), held.state.hash, held.state.tuned]).toEqual([2, hash, []]);
  });

  it("outlives a reload that says nothing else of this value", () => {
    const held = holdSettings(read());
    held.tune([tuning()]);
    expect(held.reload(() => read("thresholds: { errorSpike: { count: 40 } }"))).toMatchObject({ answer: "reloaded" });
    expect([sigmas(held), thresholdsFor(held.live, "a").errorSpike.count]).toEqual([1.5, 40]);
    expect(held.reload(() => read("thresholds: { errorSpike: { count: 40 } }"))).toMatchObject({ answer: "unchanged" });
    expect(held.reload(() => read("cascade: { agents: none }")).answer).toBe("kept-old");
    expect(sigmas(held)).toBe(1.5);
  });

  it.each([
    ["for the agent", "thresholds: { agents: { a: { costAnomaly: { sigmas: 3 } } } }", 3],
    ["for all", "thresholds: { costAnomaly: { sigmas: 2.5 } }", 2.5],
  ])("gives way to a file that is edited later for that very value, %s", (_, yaml, said) => {
    const held = holdSettings(read());
    held.tune([tuning()]);
    held.reload(() => read(yaml));
    expect([sigmas(held), held.state.tuned, held.state.overruled.map(({ id }) => id)]).toEqual([said, [], ["tun-1"]]);
  });

  it("gives way where the file has made its neighbour meet it", () => {
    const held = holdSettings(read());
    held.tune([tuning({ path: "budgetExhaustionPct", from: 95, to: 92.5, fileValue: 95 })]);
    expect(thresholdsFor(held.live, "a").budgetExhaustionPct).toBe(92.5);
    held.reload(() => read("thresholds: { budgetWarningPct: 93 }"));
    expect(thresholdsFor(held.live, "a")).toMatchObject({ budgetExhaustionPct: 95, budgetWarningPct: 93 });
    expect(held.state.overruled).toHaveLength(1);
  });

  it("stands beside others of the same agent", () => {
    const held = holdSettings(read());
    held.tune([tuning(), tuning({ id: "tun-2", path: "errorSpike.count", from: 20, to: 15, fileValue: 20 })]);
    expect(thresholdsFor(held.live, "a")).toMatchObject({ costAnomaly: { sigmas: 1.5 }, errorSpike: { count: 15 } });
  });
});
