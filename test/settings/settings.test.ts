import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { money } from "../../src/incident/money.ts";
import { readSettings, thresholdsFor } from "../../src/settings/settings.ts";

const example = readFileSync(new URL("../../docs/tourniquet.example.yaml", import.meta.url), "utf8");

describe("without a settings file", () => {
  it("holds the defaults of the product", () => {
    const settings = readSettings(undefined, {});
    // Mission table D, row by row.
    expect(settings.thresholds).toMatchObject({
      budgetExhaustionPct: 95,
      budgetWarningPct: 80,
      reputation: { criticalDelta: 0.3, warningDelta: 0.15, criticalDropPct: 30, warningDropPct: 15 },
      costAnomaly: { baseline: "robust", sigmas: 2, repeatedShare: 0.6, absolutePerInterval: null },
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
  it("is valid with nothing set in the environment, and shows the defaults", () => {
    const settings = readSettings(example, {});
    const defaults = readSettings(undefined, {});
    expect(settings.thresholds).toEqual(defaults.thresholds);
    expect(settings.gateway).toEqual(defaults.gateway);
    expect(settings.containment).toEqual(defaults.containment);
    for (const part of ["mode", "cascade", "breaker", "watch", "agentControl"] as const)
      expect(settings[part]).toEqual(defaults[part]);
    expect(settings.fleet.automaticFreezes).toEqual(defaults.fleet.automaticFreezes);
    expect(settings.fleet.shutdown).toBe(defaults.fleet.shutdown);
    expect(settings.keys).toEqual(defaults.keys);
    expect(settings.fleet.agents[0]?.caps).toEqual({
      daily: money("500.00"),
      monthly: money("9000.00"),
      alertThreshold: 0.8,
    });
  });

  it("stays valid when what it shows in comments is switched on", () => {
    const everything = example
      .replace(/^# (?=keys:| {2,6}(containment|env|agents|procurement-7|file):)/gm, "")
      .replace("file: /run/secrets/procurement-7", "env: AGENT_KEY")
      .replace(/# (ratePerSecond|burst): /g, "$1: ")
      .replace(/# pinnedPublicKey: .*$/m, `pinnedPublicKey: ${"ab".repeat(32)}`);
    const settings = readSettings(everything, { CONTAINMENT_KEY: "gh-key-1", AGENT_KEY: "gh-key-2" });
    expect(settings.keys.containment).toBe("gh-key-1");
    expect(settings.gateway).toMatchObject({ ratePerSecond: 10, burst: 20 });
    expect(settings.keys.agents.get("procurement-7")).toBe("gh-key-2");
    expect(settings.fleet.agents[0]?.pinnedPublicKey).toBe("ab".repeat(32));
  });

  it("overrides a threshold for one agent and leaves the rest of it alone", () => {
    const settings = readSettings(example, {});
    expect(thresholdsFor(settings, "procurement-7")).toEqual({
      ...settings.thresholds,
      payeeConcentration: { count: 20, windowMs: 300_000 },
    });
    expect(thresholdsFor(settings, "travel-2")).toBe(settings.thresholds);
  });

  it("puts its own rules before the default table and says where each stands", () => {
    const { policy } = readSettings(example, {});
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
