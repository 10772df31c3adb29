import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CascadeSignal } from "../../src/incident/cascade.ts";
import { edgesOf, looksFor } from "../../src/incident/cascade-links.ts";
import { rootCauseOf } from "../../src/incident/root-cause.ts";

const signal = (agentId: string, given: Partial<CascadeSignal> = {}): CascadeSignal => ({
  signalId: `sig-${agentId}-${given.at ?? 0}`,
  agentId,
  kind: "cost-anomaly",
  severity: "critical",
  at: 0,
  z: null,
  outflow: "0.00",
  wallet: null,
  suspectPayee: null,
  marks: [],
  ...given,
});

describe("the root cause of a cascade (RB5)", () => {
  it.each([
    ["furthest over its baseline", [signal("a", { z: 3 }), signal("b", { z: 3.1, at: 9 })], "b", /z 3\.1/],
    ["a z of any size before none", [signal("a", { at: -9, outflow: "9.00" }), signal("b", { z: 0.1 })], "b", /z 0\.1/],
    [
      "the first mover of equals",
      [signal("a", { z: 3, at: 1, outflow: "9.00" }), signal("b", { z: 3 })],
      "b",
      /its trouble began first/,
    ],
    [
      "the larger outflow of those who moved together, to the last digit",
      [signal("a", { outflow: "46800.00" }), signal("b", { outflow: "46800.00000001" })],
      "b",
      /sent out most/,
    ],
    ["the name where nothing else tells", [signal("b"), signal("a")], "a", /by name/],
  ] as const)("is %s", (_, signals, agentId, why) => {
    expect(rootCauseOf(signals)).toEqual({ agentId, why: expect.stringMatching(why) });
  });

  it("began with the first event behind a signal, not with the one that told it: who fails meanwhile is a victim", () => {
    const loop = { ...signal("loop", { at: 15_000 }), startedAt: 1_000 };
    const victim = signal("victim", { at: 9_000, outflow: "9.00" });
    expect(rootCauseOf([victim, loop])).toEqual({ agentId: "loop", why: "its trouble began first" });
    expect(rootCauseOf([{ ...victim, at: 999 }, loop]).agentId).toBe("victim");
  });

  it("counts all signals of an agent: its highest z, its first move", () => {
    const signals = [signal("a", { z: 2, at: 5 }), signal("a", { z: 8, at: 50 }), signal("b", { z: 7, at: 1 })];
    expect(rootCauseOf(signals).agentId).toBe("a");
    expect(rootCauseOf([signal("a", { at: 5 }), signal("a", { at: 1 }), signal("b", { at: 2 })]).agentId).toBe("a");
  });

  it("is the same for any order of the signals", () => {
    const one = fc.record({
      agentId: fc.constantFrom("a", "b", "c"),
      z: fc.constantFrom(null, 2, 4),
      at: fc.integer({ min: 0, max: 3 }),
      outflow: fc.constantFrom("1.00", "2.00"),
    });
    const shuffled = fc
      .array(one, { minLength: 1, maxLength: 8 })
      .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
    fc.assert(
      fc.property(shuffled, ([all, again]) => {
        const asSignals = (some: typeof all) => some.map(({ agentId, ...rest }) => signal(agentId, rest));
        expect(rootCauseOf(asSignals(again))).toEqual(rootCauseOf(asSignals(all)));
      }),
      { seed: 5, numRuns: 300 },
    );
  });
});

describe("what links signals", () => {
  it("looks for its own marks, and for who is paid by it and who pays it", () => {
    expect(looksFor(["critical", "self:a", "pays:b", "wallet:ops:x"])).toEqual({
      nearest: ["critical", "self:a", "wallet:ops:x"],
      all: ["pays:a", "self:b", "draws:ops:x"],
    });
  });

  it("looks for others on its wallet as one whose budget runs low, and not for others like itself", () => {
    expect(looksFor(["self:a", "draws:ops"])).toEqual({ nearest: ["self:a"], all: ["pays:a", "wallet:ops"] });
  });

  it("is told from one to the one before, within the window", () => {
    const marks = ["wallet:ops:x"];
    const signals = [signal("a", { marks }), signal("b", { marks, at: 300 }), signal("c", { marks, at: 601 })];
    expect(edgesOf(signals, 300)).toEqual([{ from: "b", to: "a", why: "shared wallet ops:x" }]);
    expect(edgesOf(signals, 301).map(({ from, to }) => `${from} ${to}`)).toEqual(["b a", "c b"]);
  });
});
