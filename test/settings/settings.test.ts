import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { TourniquetError } from "../../src/errors.ts";
import { money } from "../../src/incident/money.ts";
import { readSettings, thresholdsFor } from "../../src/settings/settings.ts";

const example = readFileSync(new URL("../../docs/tourniquet.example.yaml", import.meta.url), "utf8");

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

describe("without a settings file", () => {
  it("holds the defaults of the product", () => {
    const settings = readSettings(undefined, {});
    // Mission table D, row by row.
    expect(settings.thresholds).toMatchObject({
      budgetExhaustionPct: 95,
      budgetWarningPct: 80,
      reputation: { criticalDelta: 0.3, warningDelta: 0.15, criticalDropPct: 30, warningDropPct: 15 },
      costAnomaly: { baseline: "robust", sigmas: 2, absolutePerInterval: null },
      escrowBurst: {
        identicalCount: 8,
        identicalWindowMs: 60_000,
        principalPerMinuteFactor: 4,
        principalColdStartPerMinute: money("5000.00"),
        minimumCount: 8,
        topPayeeShare: 0.8,
        minimumSamples: 10,
      },
      payeeConcentration: { count: 10, windowMs: 300_000 },
      cancellationRate: { share: 0.5, windowMs: 3_600_000 },
      sharedResource: { agents: 2 },
      toolCallBurst: { factor: 3, callsPerMinute: 10 },
      toolSequences: {
        sequences: [
          ["read_secret", "http_request"],
          ["database_query", "send_email"],
          ["file_read", "http_request"],
        ],
        last: 5,
      },
      dataExfiltration: { tools: ["http_request", "send_email", "webhook_call"], bodyBytes: 10_000 },
      errorSpike: { count: 20, windowMs: 300_000 },
    });
    expect(settings.gateway).toMatchObject({
      deadlineMs: 5_000,
      inFlightBoundMs: 35_000,
      concurrency: 320,
      allowPrivateHosts: false,
    });
    expect(settings.containment).toEqual({ holdIntervalMs: 10_000, targetMs: 5_000, ruleMs: 60_000 });
    expect(settings.policy.map(({ severity, tier }) => `${severity} -> ${tier}`)).toEqual([
      "critical -> auto-contain",
      "warning -> auto-contain",
      "warning -> alert-human",
    ]);
  });

  it.each(["", "# nothing but a comment\n", "fleet:\nthresholds:\n  escrowBurst:\n"])(
    "means the same as a file that says nothing (%j)",
    (yaml) => {
      const { origin, ...settings } = readSettings(yaml, {});
      expect(origin.lines.size).toBe(0);
      const { origin: _none, ...defaults } = readSettings(undefined, {});
      expect(settings).toEqual(defaults);
    },
  );
});

describe("the example file", () => {
  const env = { GREENHELIX_API_KEY: "gh-key-1" };

  it("is valid and shows the defaults", () => {
    const settings = readSettings(example, env);
    const defaults = readSettings(undefined, {});
    expect(settings.thresholds).toEqual(defaults.thresholds);
    expect(settings.gateway).toEqual(defaults.gateway);
    expect(settings.containment).toEqual(defaults.containment);
    for (const part of ["mode", "cascade", "breaker", "watch", "agentControl"] as const)
      expect(settings[part]).toEqual(defaults[part]);
    expect(settings.fleet.automaticFreezes).toEqual(defaults.fleet.automaticFreezes);
    expect(settings.fleet.shutdown).toBe(defaults.fleet.shutdown);
    expect(settings.keys.containment).toBe("gh-key-1");
    expect(settings.fleet.agents[0]?.caps).toEqual({
      daily: money("500.00"),
      monthly: money("9000.00"),
      alertThreshold: 0.8,
    });
  });

  it("stays valid when what it shows in comments is switched on", () => {
    const everything = example
      .replace(/^ {2}# agents: .*$/m, "  agents:")
      .replace(/^ {2}# {3}procurement-7:$/m, "    procurement-7:")
      .replace(/^ {2}# {5}file: .*$/m, "      env: GREENHELIX_API_KEY")
      .replace(/# (ratePerSecond|burst): /g, "$1: ")
      .replace(/# pinnedPublicKey: .*$/m, `pinnedPublicKey: ${"ab".repeat(32)}`);
    const settings = readSettings(everything, env);
    expect(settings.gateway).toMatchObject({ ratePerSecond: 10, burst: 20 });
    expect(settings.keys.agents.get("procurement-7")).toBe("gh-key-1");
    expect(settings.fleet.agents[0]?.pinnedPublicKey).toBe("ab".repeat(32));
  });

  it("overrides a threshold for one agent and leaves the rest of it alone", () => {
    const settings = readSettings(example, env);
    expect(thresholdsFor(settings, "procurement-7")).toEqual({
      ...settings.thresholds,
      payeeConcentration: { count: 20, windowMs: 300_000 },
    });
    expect(thresholdsFor(settings, "travel-2")).toBe(settings.thresholds);
  });

  it("puts its own rules before the default table and says where each stands", () => {
    const { policy } = readSettings(example, env);
    const line = example.split("\n").findIndex((text) => text.includes("- signal: payee-concentration")) + 1;
    expect(policy[0]).toEqual({
      signal: "payee-concentration",
      severity: undefined,
      agent: "procurement-7",
      tier: "alert-human",
      source: `policy line ${line}`,
    });
    expect(policy.map(({ source }) => source).slice(2)).toEqual(Array(3).fill("default policy"));
  });
});

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
      "line 14: keys.containment",
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

  it("is missed by name and line when the variable or the file is not there", () => {
    const yaml = `keys:
  containment: { env: NOT_SET }
  agents:
    a: { file: /nowhere/key }
    b: {}
`;
    expect(mistakesOf(yaml)).toContain("settings line 5: keys.agents.b must have either env or file");
    expect(mistakesOf(yaml.replace("    b: {}\n", ""))).toEqual([
      "settings line 2: keys.containment names the variable NOT_SET, which is not set",
      "settings line 4: keys.agents.a names /nowhere/key, which cannot be read (ENOENT)",
    ]);
  });
});
