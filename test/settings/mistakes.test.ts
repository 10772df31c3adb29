import { describe, expect, it } from "vitest";
import { TourniquetError } from "../../src/errors.ts";
import { presentLines, presentSettings } from "../../src/settings/present.ts";
import { differencesFromDefaults, warningsOf } from "../../src/settings/review.ts";
import { readSettings } from "../../src/settings/settings.ts";

const mistakesOf = (yaml: string, env = {}): readonly string[] => mistakesIn(() => readSettings(yaml, env));

function mistakesIn(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof TourniquetError && error.code === "config-invalid") return error.detail.mistakes as string[];
    throw error;
  }
  return [];
}

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
      "line 11: fleet.agents[1].value",
      "line 12: containment.targetMs",
      "line 14: keys.containment.env",
      "line 15: gateway.concurrency",
      "line 16: runbooks.nothing",
      "line 17: surprise",
    ]);
  });

  it("gives the line of the key where the value begins further down", () => {
    expect(mistakesOf("# ours\ngateway:\n  - burst\n")).toEqual([
      expect.stringMatching(/^settings line 2: gateway must be a section /),
    ]);
  });

  it("gives the line of what is not even YAML", () => {
    expect(mistakesOf("gateway:\n  burst: 1\n  burst: 2\n")).toEqual([
      "settings line 3: not readable as YAML (DUPLICATE_KEY)",
    ]);
  });
});

describe("a key in a settings file", () => {
  it("never stands there itself, and is not repeated by the mistake that says so", () => {
    const mistakes = mistakesOf("keys:\n  containment: gh-secret-key\n  agents:\n    a: gh-secret-key\n");
    expect(mistakes).toHaveLength(2);
    expect(mistakes.join()).not.toContain("gh-secret-key");
  });

  it("is missed by line and kind when the variable or the file is not there", () => {
    const yaml = `keys:
  containment: { env: NOT_SET }
  agents:
    a: { file: /nowhere/key }
    b: {}
`;
    expect(mistakesOf(yaml)).toContain("settings line 5: keys.agents.* must have either env or file");
    expect(mistakesOf(yaml.replace("    b: {}\n", ""))).toEqual([
      "settings line 2: keys.containment.env names a variable that is not set",
      "settings line 4: keys.agents.*.file names a file that cannot be read (ENOENT)",
    ]);
    expect(mistakesOf("keys: { containment: { env: A } }", { A: "k", A_FILE: "/k" })).toEqual([
      "settings line 1: keys.containment.env names a variable that is set beside its _FILE variable; keep one of them",
    ]);
  });

  const secret = "gh_live_SECRET";
  it.each([
    `containment: { env: ${secret} }`,
    `containment: { file: ${secret} }`,
    `containment: { file: /${secret} }`,
    `containment: { ${secret} }`,
    `containment: { env: A, ${secret}: 1 }`,
    `{ ${secret}: { env: A } }`,
    `agents: { ${secret}: { env: B } }`,
    `agents: { ${secret}: { env: A, x: 1 } }`,
    `agents: { a: { env: ${secret} } }`,
    `agents: { a: { ${secret}: 1 } }`,
    `agents: { ${secret}: ${secret} }`,
    `agents: [${secret}]`,
    `agents: { a: { env: FROM } }`,
    secret,
  ])("pasted where a name, a path or an agent belongs is not repeated: %s", (said) => {
    const env = { A: "k", FROM_FILE: `/${secret}` };
    const mistakes = mistakesOf(`keys:\n  ${said}\n`, env);
    expect(mistakes).not.toEqual([]);
    expect(mistakes.join()).toMatch(/^settings line [12]: /);
    expect(mistakes.join()).not.toContain(secret);
  });

  it("pasted where an agent's id belongs is neither warned of nor shown by its text", () => {
    const settings = readSettings(
      `fleet: { agents: [{ id: a }] }\nkeys: { agents: { a: { env: A }, ${secret}: { env: A } } }`,
      {
        A: "k",
      },
    );
    const shown = JSON.stringify([
      warningsOf(settings, 0),
      presentSettings(settings),
      presentLines(settings),
      differencesFromDefaults(settings),
    ]);
    expect(shown).not.toContain(secret);
    expect(presentSettings(settings).keys).toMatchObject({ agents: { a: "variable A", "*": "variable A" } });
    expect(presentLines(settings)).toHaveProperty(["keys.agents.*.env"], 2);
    expect(warningsOf(settings, 0)).toEqual([
      { line: 2, message: "keys.agents has a key for what is no agent of the fleet" },
    ]);
  });
});
