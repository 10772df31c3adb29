import { describe, expect, it } from "vitest";
import { answers, differencesFromDefaults, warningsOf } from "../../src/settings/review.ts";
import { readSettings } from "../../src/settings/settings.ts";

const noon = Date.parse("2026-11-22T12:00:00Z");
const warnings = (yaml: string, env = {}) =>
  warningsOf(readSettings(yaml, env, undefined, undefined, noon), noon).map(
    ({ line, message }) => `${line}: ${message}`,
  );

describe("a line of policy that never decides", () => {
  it("is named, with what shadows it being one line or several together", () => {
    const yaml = `policy:
  - severity: critical
    tier: alert-human
  - { signal: escrow-burst, severity: critical, tier: auto-contain }
  - { severity: warning, tier: alert-human }
  - { severity: info, tier: alert-human }
  - { signal: error-spike, tier: auto-contain }
`;
    expect(warnings(yaml)).toEqual([
      expect.stringMatching(/^2: no critical signal contains/),
      expect.stringMatching(/^4: policy line 4: escrow-burst, critical -> auto-contain never decides/),
      expect.stringMatching(/^7: policy line 7: error-spike -> auto-contain never decides/),
    ]);
  });

  it("is not one that decides for a single agent, severity or signal", () => {
    const yaml = `fleet: { agents: [{ id: a }] }
policy:
  - { agent: a, tier: alert-human }
  - { severity: critical, tier: auto-contain }
  - { signal: escrow-burst, tier: full-shutdown }
`;
    expect(warnings(yaml)).toEqual([]);
  });
});

describe("an agent that the fleet does not name", () => {
  it("is named wherever it stands", () => {
    const yaml = `fleet: { agents: [{ id: a }] }
thresholds: { agents: { a: {}, b: { budgetExhaustionPct: 99 } } }
policy:
  - { agent: c, tier: alert-human }
silences:
  - { owner: o, reason: r, until: 2026-11-22T13:00:00Z, agent: d }
keys:
  agents:
    e: { env: KEY }
    a: { env: KEY }
`;
    expect(warnings(yaml, { KEY: "k" })).toEqual([
      "2: thresholds.agents.b names b, which is no agent of the fleet",
      "4: policy[0].agent names c, which is no agent of the fleet",
      "6: silences[0].agent names d, which is no agent of the fleet",
      "9: keys.agents has a key for what is no agent of the fleet",
    ]);
  });
});

describe("a silence of the file", () => {
  const until = (time: string) => warnings(`silences:\n  - { owner: mira, reason: r, until: ${time} }\n`);

  it("that is over can go; one that is not is fine, up to 30 days ahead", () => {
    expect(until("2026-11-22T12:00:00Z")).toEqual(["2: the silence of mira is over and can go"]);
    expect(until("2026-11-22T12:00:01Z")).toEqual([]);
    expect(until("2026-12-22T12:00:00Z")).toEqual([]);
    const later = "2026-12-22T12:00:01Z, from: 2026-12-01T00:00:00Z";
    expect(until(later)).toEqual(["2: the silence of mira ends more than 30 days ahead"]);
  });
});

describe("containment that the file gives up", () => {
  it("is named where no critical signal is contained any more, and not where a single one still is", () => {
    const alerts = "policy:\n  - { severity: critical, tier: alert-human }\n";
    expect(warnings(alerts)).toEqual([
      "2: no critical signal contains an agent any more: policy answers each of them with alert-human",
    ]);
    const one = "policy:\n  - { signal: escrow-burst, severity: critical, tier: auto-contain }\n";
    expect(warnings(`${one}${alerts.replace("policy:\n", "")}`)).toEqual([]);
    expect(warnings("policy: [{ severity: critical, tier: full-shutdown }]")).toEqual([]);
  });

  it("is named where a silence holds it back, until that is over", () => {
    const silence = (until: string) =>
      `silences:\n  - { owner: mira, reason: r, until: ${until}, holdsContainment: true }\n`;
    expect(warnings(silence("2026-11-22T13:00:00Z"))).toEqual([
      "2: the silence of mira holds back containment: critical signals go unanswered",
    ]);
    expect(warnings(silence("2026-11-22T12:00:00Z"))).toEqual(["2: the silence of mira is over and can go"]);
  });
});

describe("what is shown of the settings", () => {
  it("differs from the defaults where the file says something else, and only there", () => {
    const yaml = `fleet: { agents: [{ id: a, value: high }] }
thresholds:
  budgetExhaustionPct: 95
  escrowBurst: { identicalCount: 9 }
policy: [{ severity: info, tier: alert-human }]
`;
    expect(differencesFromDefaults(readSettings(yaml, {}))).toEqual([
      { path: "fleet.agents[0].value", value: '"high"', fallback: null, line: 1 },
      { path: "fleet.agents[0].id", value: '"a"', fallback: null, line: 1 },
      { path: "thresholds.escrowBurst.identicalCount", value: "9", fallback: "8", line: 4 },
    ]);
    expect(differencesFromDefaults(readSettings(undefined, {}))).toEqual([]);
  });

  it("differs where the file leaves a list empty, and says what stands there otherwise", () => {
    const yaml = `escalation:
  P0: []
  P1: [ ]
notify: { routes: { P0: [], P3: [] } }
agentControl:
  restrictSimilar: []
`;
    const level = (ms: number) => `[0].afterMs: ${ms}, [0].to: ["pagerduty-secondary","slack","webhook"]`;
    expect(differencesFromDefaults(readSettings(yaml, {}))).toEqual([
      { path: "agentControl.restrictSimilar", value: "[]", fallback: '["tool","prompt"]', line: 6 },
      { path: "notify.routes.P0", value: "[]", fallback: '["pagerduty","slack","webhook"]', line: 4 },
      { path: "escalation.P0", value: "[]", fallback: level(300_000), line: 2 },
      { path: "escalation.P1", value: "[]", fallback: level(900_000), line: 3 },
    ]);
  });

  it("says which line answers each signal and severity", () => {
    const table = new Map(
      answers(readSettings("policy: [{ signal: escrow-burst, severity: info, tier: alert-human }]", {})).map(
        ({ signal, by }) => [signal, by],
      ),
    );
    expect(table.get("escrow-burst")).toEqual({
      info: "alert-human (policy line 1)",
      warning: "alert-human (default policy)",
      critical: "auto-contain (default policy)",
    });
    expect(table.get("error-spike")).toEqual({
      info: null,
      warning: "auto-contain (default policy)",
      critical: "auto-contain (default policy)",
    });
  });
});

describe("a runbook that does not exist", () => {
  it("is a mistake with its line, where it is known which exist", () => {
    const read = () =>
      readSettings("runbooks:\n  runaway: { dryRun: true }\n", {}, "a.yaml", { runbooks: ["one", "two"] });
    expect(read).toThrow("a.yaml line 2: runbooks.runaway is no runbook; known are: one, two");
  });
});
