import { describe, expect, it } from "vitest";
import type { DrillFacts } from "../../../src/cli/drill/facts.ts";
import { scoreDrill } from "../../../src/cli/drill/score.ts";
import type { Expected } from "../../../src/sandbox/scenarios/scenario.ts";
import {
  caps,
  cascadeOf,
  control,
  created,
  ended,
  factsOf,
  incident,
  intake,
  pulledUp,
  scenarioOf,
  stopped,
  US,
} from "./facts.ts";

const scored = (facts: DrillFacts, expected: Partial<Expected> = {}) => scoreDrill(scenarioOf(expected), facts, US);
const reasons = (facts: DrillFacts, expected: Partial<Expected> = {}) => scored(facts, expected).reasons;

describe("an agent that was stopped as its scenario says", () => {
  it("has passed, with the money counted at the gateway", () => {
    expect(scored(factsOf(stopped))).toEqual({
      ...{
        drill: "x",
        expects: "escrow-burst",
        detected: "yes",
        signals: ["escrow-burst"],
        because: ["of escrow-burst"],
        alerts: [],
      },
      ...{ timeToFreezeMs: 40, atFreeze: "300.00", recovered: "300.00", lost: "0.00", lostEscrows: [] },
      ...{ frozen: ["rogue"], halved: [], stopped: [], restricted: [], falseFreezes: [], breaches: 0 },
      ...{ verdict: "passed", reasons: [] },
    });
  });

  it("counts what was locked when the freeze landed, and not what came and went before", () => {
    const lines = [
      ...[created("esc-0"), ended("settled", "esc-0", "shell"), created("esc-9"), ended("refunded", "esc-9", "rogue")],
      ...[created("esc-1"), ended("refunded", "esc-1"), caps("0.00"), created("esc-2"), ended("refunded", "esc-2")],
    ];
    const score = scored(factsOf(lines), { lost: { atLeast: "150.00", atMost: "150.00" } });
    expect(score).toMatchObject({ atFreeze: "150.00", recovered: "300.00", lost: "150.00", verdict: "passed" });
  });
});

describe("an agent that was frozen a second time", () => {
  it("had locked what it had when it was frozen first; what it slipped in after that came back as well", () => {
    const lines = [created("esc-1"), caps("0.00"), caps("9.00", "rogue", "rogue"), created("esc-2"), caps("0.00")];
    const score = scored(factsOf([...lines, ended("refunded", "esc-1"), ended("refunded", "esc-2")]));
    expect(score).toMatchObject({ atFreeze: "150.00", recovered: "300.00", verdict: "passed" });
  });
});

describe("a score that must fail", () => {
  it("fails without an incident, and says what was not done", () => {
    expect(reasons(factsOf([created("esc-1")], { incidents: [] }))).toEqual([
      "no incident of rogue",
      "rogue was not frozen",
      "150.00 lost, at most 0.00 may be",
      "nothing came back",
    ]);
  });

  it("fails if a signal of another kind did it", () => {
    const other = factsOf(stopped, { incidents: [incident(["payee-concentration"])] });
    expect(scored(other)).toMatchObject({ detected: "no", verdict: "failed" });
    expect(reasons(other)).toEqual(["rogue was contained by payee-concentration, not by escrow-burst"]);
  });

  it("fails if the signal it is about only joined, unless the scenario has several causes", () => {
    const joined = factsOf(stopped, {
      incidents: [incident(["escrow-burst", "payee-concentration"], {}, "payee-concentration")],
    });
    expect(reasons(joined)).toEqual(["rogue was contained by payee-concentration, escrow-burst, not by escrow-burst"]);
    expect(reasons(joined, { isSingleCause: false })).toEqual([]);
  });

  it("fails if containment was begun and not finished", () => {
    const open = factsOf(stopped, { incidents: [incident(undefined, { status: "containing" })] });
    expect(reasons(open)).toEqual(["rogue is containing, not contained"]);
  });

  it("fails if one trouble made two incidents", () => {
    const twice = factsOf(stopped, { incidents: [incident(), incident(undefined, { id: "inc-2" })] });
    expect(reasons(twice)).toEqual(["rogue has 2 incidents"]);
  });

  it("fails if the freeze was lifted and not put back", () => {
    const lifted = factsOf([...stopped, caps("5000.00", "rogue", "rogue")]);
    expect(reasons(lifted)).toEqual(["rogue is not frozen any more"]);
  });

  it("fails if a scenario of somebody who gets round it went unnoticed", () => {
    const breached = (reassertions: number) =>
      reasons(factsOf(stopped, { incidents: [incident(undefined, { reassertions })] }), { isBreached: true });
    expect(breached(0)).toEqual(["nobody noticed that rogue got round it"]);
    expect(breached(1)).toEqual([]);
  });

  it("fails while events are not decided, and if none arrived", () => {
    expect(reasons(factsOf(stopped, { intake: intake({ pending: 3 }) }))).toEqual(["3 events are not decided"]);
    expect(reasons(factsOf(stopped, { intake: intake({ accepted: 0 }) }))).toEqual(["no event arrived"]);
  });
});

describe("a cascade", () => {
  const whole = cascadeOf(["rogue", "neighbour"], "rogue");
  const lines = [...stopped, caps("0.00", "neighbour")];
  const cascading = (...cascades: DrillFacts["cascades"]) =>
    reasons(factsOf(lines, { cascades, incidents: [incident(), incident(undefined, { agentId: "neighbour" })] }), {
      ...{ frozen: ["rogue", "neighbour"], rootCause: "rogue" },
    });

  it("must be one, with all of them in it, and name where it began", () => {
    expect(cascading(whole)).toEqual([]);
    expect(cascading()).toEqual(["no cascade was seen"]);
    expect(cascading(whole, whole)).toEqual(["2 cascades were made of one"]);
    expect(cascading(cascadeOf(["rogue"], "rogue"))).toEqual(["neighbour is not in the cascade"]);
    expect(cascading(cascadeOf(["rogue", "neighbour"], "neighbour"))).toEqual([
      "it began with rogue, not with neighbour: its trouble began first",
    ]);
  });
});

describe("what nobody was contained for", () => {
  const verdict = (tier: "alert-human" | "auto-contain", incidentId: string | null) =>
    ({ tier, incidentId, signal: { kind: "cost-anomaly", agentId: "rogue", why: { sentence: "it spends" } } }) as never;

  it("is told: alerts, and what would have contained somebody had it come in time", () => {
    const verdicts = [verdict("alert-human", null), verdict("auto-contain", "inc-1"), verdict("auto-contain", null)];
    expect(scored(factsOf(stopped, { verdicts }))).toMatchObject({
      alerts: ["cost-anomaly of rogue: it spends"],
      because: ["of escrow-burst", "it spends"],
    });
  });
});

describe("money", () => {
  it("is lost when the payee was quicker, and fails from the first cent more than the scenario allows", () => {
    const lines = [created("esc-1"), created("esc-2"), caps("0.00"), ended("settled", "esc-1", "shell"), stopped[4]!];
    const allowed = (atMost: string, atLeast = "0.00") => scored(factsOf(lines), { lost: { atLeast, atMost } });
    expect(allowed("150.00")).toMatchObject({
      verdict: "passed",
      lost: "150.00",
      lostEscrows: [{ escrowId: "esc-1", payer: "rogue", payee: "shell", amount: "150.00", became: "settled" }],
    });
    expect(allowed("149.99").reasons).toEqual(["150.00 lost, at most 149.99 may be"]);
    expect(allowed("200.00", "150.01").reasons).toEqual([
      "only 150.00 lost: the scenario must cost 150.01, or it shows nothing",
    ]);
  });

  it("is lost while it is still held, and after a refund that came twice the drill has failed", () => {
    const held = scored(factsOf([...stopped, created("esc-3")]));
    expect(held.lostEscrows).toMatchObject([{ escrowId: "esc-3", became: "held" }]);
    expect(held.verdict).toBe("failed");
    expect(reasons(factsOf(stopped, { doubleRefunds: ["esc-1"] }))).toEqual(["esc-1 was refunded twice"]);
  });

  it("of an innocent payee must be left where it is", () => {
    const lines = [created("esc-5", "rogue", "paper-mill"), ...stopped];
    const onlyShell = { comesBack: [{ payer: "rogue", payee: "shell" }] };
    expect(reasons(factsOf(lines), onlyShell)).toEqual([]);
    expect(reasons(factsOf([...lines, ended("refunded", "esc-5")]), onlyShell)).toEqual([
      "esc-5 was taken back although nothing asked for it",
    ]);
    const orPaper = { ...onlyShell, mayComeBack: [{ payer: "rogue", payee: "paper-mill" }] };
    expect(reasons(factsOf([...lines, ended("refunded", "esc-5")]), orPaper)).toEqual([]);
    expect(reasons(factsOf(lines), orPaper)).toEqual([]);
  });
});

describe("whoever should have been left alone", () => {
  it.each([
    ["frozen", factsOf([...stopped, caps("0.00", "neighbour")])],
    ["given other caps", factsOf([...stopped, caps("400.00", "neighbour")])],
    [
      "made to give up an escrow",
      factsOf([created("esc-7", "neighbour"), ended("refunded", "esc-7", US, "neighbour"), ...stopped]),
    ],
    ["held back by agent control", factsOf([...stopped, control({ tools: "read-only" }, "neighbour")])],
    [
      "the subject of an incident",
      factsOf(stopped, { incidents: [incident(), incident(undefined, { agentId: "neighbour" })] }),
    ],
  ])("is a false freeze when it is %s", (_, facts) => {
    const score = scored(facts);
    expect(score).toMatchObject({ falseFreezes: ["neighbour"], verdict: "failed" });
    expect(score.reasons).toContain("neighbour should have been left alone");
  });

  it("may change its own caps and take back its own escrows", () => {
    const own = [created("esc-7", "neighbour"), ended("refunded", "esc-7", "neighbour", "neighbour")];
    expect(reasons(factsOf([...stopped, ...own, caps("0.00", "neighbour", "neighbour")]))).toEqual([]);
  });

  it("includes one that was frozen and should have kept half", () => {
    const halved = { signal: "reputation-drift", frozen: [], halved: ["rogue"], comesBack: [] };
    const incidents = [incident(["reputation-drift"])];
    expect(reasons(factsOf([caps("500.00")], { incidents }), halved)).toEqual([]);
    expect(reasons(factsOf([caps("0.00")], { incidents }), halved)).toEqual([
      "rogue was not halved",
      "rogue should have been left alone",
    ]);
    expect(reasons(factsOf([caps("500.01")], { incidents }), halved)).toEqual(["rogue was not halved"]);
  });

  it("includes one that was stopped and should only have been restricted, and one that was frozen besides", () => {
    const breach = { signal: "data-exfiltration", comesBack: [], stopped: ["rogue"], restricted: ["neighbour"] };
    const incidents = [incident(["data-exfiltration"])];
    const similar = control({ tools: "read-only" }, "neighbour");
    const scoredBreach = (...lines: Parameters<typeof factsOf>[0]) =>
      reasons(factsOf([caps("0.00"), ...lines], { incidents }), breach);
    expect(scoredBreach(...pulledUp, similar)).toEqual([]);
    expect(scoredBreach(...pulledUp.slice(1), similar)).toEqual(["rogue was not stopped"]);
    expect(scoredBreach(...pulledUp)).toEqual(["neighbour was not restricted"]);
    expect(scoredBreach(...pulledUp, similar, control({ paused: true }, "neighbour"))).toEqual([
      "neighbour was not restricted",
    ]);
    expect(scoredBreach(...pulledUp, similar, caps("0.00", "neighbour"))).toEqual([
      "neighbour should have been left alone",
    ]);
  });
});

describe("a benign trace", () => {
  const benign = { signal: null, isSingleCause: false };

  it("has passed when nobody was touched", () => {
    expect(scored(factsOf([created("esc-1")], { incidents: [] }), benign)).toMatchObject({
      ...{ detected: "none expected", signals: [], timeToFreezeMs: null, atFreeze: null, verdict: "passed" },
    });
  });

  it("has failed when somebody was, and when only the time that had passed saved it", () => {
    expect(scored(factsOf(stopped), benign)).toMatchObject({ falseFreezes: ["rogue"], verdict: "failed" });
    expect(reasons(factsOf([], { incidents: [], intake: intake({ stale: 2 }) }), benign)).toEqual([
      "2 events would have contained somebody, had they come in time",
    ]);
  });
});
