import { describe, expect, it } from "vitest";
import { readSettings } from "../../src/settings/settings.ts";
import { mistakesIn, mistakesOf } from "./mistakes-of.ts";

describe("when a settings file has several mistakes", () => {
  it("names each with its line and path", () => {
    const yaml = `fleet:
  agents:
    - id: a
      caps: { daily: lots, monthly: null }
    - id: 7
thresholds:
  budgetExhaustionPct: 9500
  escrowBurst:
    identicalcount: 3
  agents:
    a:
      payeeConcentration: { count: 0 }
policy:
  - severity: fatal
    tier: explode
  - signal: escrow-burst
surprise: true
`;
    expect(mistakesOf(yaml).map((mistake) => mistake.replace("settings ", ""))).toEqual([
      'line 4: fleet.agents[0].caps.daily must be an amount of money, such as "500.00"',
      "line 5: fleet.agents[1].id must be the agent's id, as text; put it in quotes if it looks like a number",
      "line 7: thresholds.budgetExhaustionPct must be a number from 1 to 1000",
      expect.stringMatching(
        /^line 9: thresholds\.escrowBurst\.identicalcount is not known here; known are: identicalCount, /,
      ),
      "line 12: thresholds.agents.a.payeeConcentration.count must be a whole number from 1 to 1000",
      "line 14: policy[0].severity must be one of info, warning, critical",
      "line 15: policy[0].tier must be one of alert-human, auto-contain, full-shutdown",
      "line 16: policy[1].tier must be one of alert-human, auto-contain, full-shutdown",
      expect.stringMatching(/^line 17: surprise is not known here; known are: mode, fleet, keys, /),
    ]);
  });

  it("finds what single values do not show", () => {
    const yaml = `fleet:
  agents:
    - id: a
    - id: a
thresholds:
  agents:
    a: { budgetExhaustionPct: 70 }
gateway:
  inFlightBoundMs: 4000
  burst: 3
containment:
  targetMs: 70000
`;
    expect(mistakesOf(yaml)).toEqual([
      "settings line 4: fleet.agents[1].id stands here a second time",
      "settings line 7: thresholds.agents.a.budgetWarningPct must be below budgetExhaustionPct",
      "settings line 9: gateway.inFlightBoundMs must not be below deadlineMs",
      "settings line 10: gateway.burst needs ratePerSecond beside it",
      "settings line 12: containment.targetMs must not be above ruleMs",
    ]);
  });

  it("names wrong values and what no single value shows in one go, in the order of their lines", () => {
    const yaml = `mode: perhaps
thresholds:
  budgetExhaustionPct: 9500
  budgetWarningPct: 99
  agents:
    a: { budgetWarningPct: 97 }
fleet:
  agents:
    - id: a
    - id: a
      value: medium
containment: { targetMs: 70000 }
keys:
  containment: { env: NOT_SET }
gateway: { burst: 3, concurrency: 0 }
runbooks: { nothing: {} }
surprise: 1
`;
    const read = () => readSettings(yaml, {}, "a.yaml", { runbooks: ["one"] });
    const mistakes = mistakesIn(read).map((mistake) => mistake.replace(/^a\.yaml (line \d+: \S+).*$/, "$1"));
    // Not the warning thresholds: what they are compared with is itself wrong.
    expect(mistakes).toEqual([
      "line 1: mode",
      "line 3: thresholds.budgetExhaustionPct",
      "line 10: fleet.agents[1].id",
      "line 11: fleet.agents[1].value",
      "line 12: containment.targetMs",
      "line 14: keys.containment.env",
      "line 15: gateway.concurrency",
      "line 15: gateway.burst",
      "line 16: runbooks.nothing",
      "line 17: surprise",
    ]);
  });

  it("gives the line of the key where the value begins further down", () => {
    expect(mistakesOf("# ours\ngateway:\n  - burst\n")).toEqual([
      expect.stringMatching(/^settings line 2: gateway must be a section /),
    ]);
  });

  it("looks for contradictions beside an element or an entry that is wrong itself, at their own places", () => {
    const yaml = `fleet:
  agents:
    - id: 7
    - id: a
      caps: { daily: lots, monthly: null }
      tools: [1]
    - id: a
policy:
  - { tier: explode }
  - { severity: info }
runbooks:
  nothing: 5
  neither: { dryrun: true }
silences:
  - { owner: mira }
  - { owner: mira, reason: r, from: 2026-11-23T00:00:00Z, until: 2026-11-22T00:00:00Z, agent: 7 }
`;
    const mistakes = mistakesIn(() => readSettings(yaml, {}, "a.yaml", { runbooks: ["one"] }));
    expect(mistakes.map((mistake) => mistake.replace(/^a\.yaml (line \d+: \S+ \S+ \S+).*$/, "$1"))).toEqual([
      "line 3: fleet.agents[0].id must be",
      "line 5: fleet.agents[1].caps.daily must be",
      "line 6: fleet.agents[1].tools[0] must be",
      "line 7: fleet.agents[2].id stands here",
      "line 9: policy[0].tier must be",
      "line 10: policy[1].tier must be",
      "line 12: runbooks.nothing must be",
      "line 12: runbooks.nothing is no",
      "line 13: runbooks.neither.dryrun is not",
      "line 13: runbooks.neither is no",
      "line 15: silences[0].reason must be",
      "line 15: silences[0].until must be",
      "line 16: silences[1].agent must be",
      "line 16: silences[1].until must be",
    ]);
  });

  it("says once what the fleet's thresholds contradict, and again only of an agent that makes it worse or its own", () => {
    const yaml = `thresholds:
  budgetWarningPct: 99
  agents:
    a: { errorSpike: { count: 5 } }
    b: { budgetWarningPct: 97 }
    c: { budgetExhaustionPct: 100 }
    d: { reputation: { warningDelta: 0.4 } }
`;
    expect(mistakesOf(yaml)).toEqual([
      "settings line 2: thresholds.budgetWarningPct must be below budgetExhaustionPct",
      "settings line 5: thresholds.agents.b.budgetWarningPct must be below budgetExhaustionPct",
      "settings line 7: thresholds.agents.d.reputation.warningDelta must be below criticalDelta",
    ]);
  });

  it("says in words what is no YAML, with its line and without quoting it", () => {
    const duplicate = "gateway:\n  burst: 1\n  burst: 2\n";
    expect(mistakesOf(duplicate)).toEqual([
      "settings line 3: not readable as YAML: a key that stands in this section already",
    ]);
    expect(mistakesOf("mode: act\ncascade: *there\n")).toEqual([
      "settings line 2: not readable as YAML: an alias that no anchor before it defines",
    ]);
    const quoted = ["a: !zq 1", 'a: "\\zq', "- zq\nb: zq", "a: }zq", "%zq", "a: @zq", "a: *zq", "? [zq]\n: 1"];
    for (const text of quoted) {
      expect(mistakesOf(text), text).not.toEqual([]);
      expect(mistakesOf(text).join(), text).not.toMatch(/zq|[A-Z]_[A-Z]/);
    }
  });

  it("says of aliases that unfold to too much that they do", () => {
    const tenTimes = (name: string) => `[${Array(10).fill(`*${name}`).join(", ")}]`;
    const bomb = `a: &a [x]\nb: &b ${tenTimes("a")}\nc: &c ${tenTimes("b")}\nd: ${tenTimes("c")}\n`;
    expect(mistakesOf(bomb)).toEqual([
      "settings line 1: not readable as YAML: its aliases (*) repeat too much of it; write out what they stand for",
    ]);
  });
});

describe("a silence in a settings file", () => {
  const noon = Date.parse("2026-11-22T12:00:00Z");
  const mistakes = (times: string) =>
    mistakesIn(() => readSettings(`silences:\n  - { owner: o, reason: r, ${times} }\n`, {}, "f", undefined, noon));

  it("lasts at most 30 days, from its beginning or from now", () => {
    expect(mistakes("until: 2026-12-22T12:00:00Z")).toEqual([]);
    expect(mistakes("until: 2026-12-22T12:00:00.001Z")).toEqual([
      "f line 2: silences[0].until must be at most 30 days ahead; say from if it begins later",
    ]);
    expect(mistakes("from: 2027-01-01T00:00:00Z, until: 2027-01-31T00:00:00Z")).toEqual([]);
    expect(mistakes("from: 2027-01-01T00:00:00Z, until: 2027-01-31T00:00:00.001Z")).toEqual([
      "f line 2: silences[0].until must be at most 30 days after from",
    ]);
  });

  it("is not called too long where its beginning is what is wrong", () => {
    expect(mistakes("from: soon, until: 2036-01-01T00:00:00Z")).toEqual([
      expect.stringContaining("silences[0].from must be a time"),
    ]);
  });
});
