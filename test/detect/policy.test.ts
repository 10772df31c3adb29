import { describe, expect, it } from "vitest";
import { callsForContainment, decide } from "../../src/detect/policy.ts";
import type { Severity, Signal } from "../../src/incident/signal.ts";
import { readSettings } from "../../src/settings/settings.ts";

const signal = (severity: Severity, agentId = "agent-1"): Signal => ({
  id: "sig-1",
  kind: "budget-exhaustion",
  severity,
  agentId,
  occurredAt: 0,
  suspectPayee: null,
  why: { rule: "r", ruleVersion: 1, sentence: "", thresholds: {}, observed: {}, baseline: null, events: [] },
});
const defaults = readSettings(undefined, {});
const ownPolicy = (policy: typeof defaults.policy) => ({ ...defaults, policy });

describe("the default policy", () => {
  it("contains what is critical, and names the line", () => {
    const answer = decide(signal("critical"), defaults);
    expect(answer).toEqual({ tier: "auto-contain", reason: "default policy: critical -> auto-contain" });
    expect(callsForContainment(answer)).toBe(true);
  });

  it("alerts a human to a warning", () => {
    expect(decide(signal("warning"), defaults)).toEqual({
      tier: "alert-human",
      reason: "default policy: warning -> alert-human",
    });
    expect(callsForContainment(decide(signal("warning"), defaults))).toBe(false);
  });

  it("only records what is merely worth knowing", () => {
    expect(decide(signal("info"), defaults)).toEqual({
      tier: null,
      reason: "no policy line answers budget-exhaustion, info",
    });
    expect(callsForContainment(decide(signal("info"), defaults))).toBe(false);
  });
});

describe("a policy of one's own", () => {
  it("wins over the default, first line first, and only where all of its conditions hold", () => {
    const rules = [
      {
        signal: "budget-exhaustion",
        severity: "critical",
        agent: "agent-2",
        tier: "full-shutdown",
        source: "policy line 3",
      },
      { signal: undefined, severity: "critical", agent: "agent-1", tier: "alert-human", source: "policy line 5" },
      { signal: "cost-anomaly", severity: undefined, agent: undefined, tier: "alert-human", source: "policy line 7" },
      ...defaults.policy,
    ] as const;
    expect(decide(signal("critical", "agent-2"), ownPolicy(rules))).toEqual({
      tier: "full-shutdown",
      reason: "policy line 3: agent-2, budget-exhaustion, critical -> full-shutdown",
    });
    expect(decide(signal("critical"), ownPolicy(rules))).toEqual({
      tier: "alert-human",
      reason: "policy line 5: agent-1, critical -> alert-human",
    });
    expect(decide(signal("critical", "agent-3"), ownPolicy(rules)).reason).toContain("default policy");
  });

  it.each([
    ["off", / -> full-shutdown \(fleet\.shutdown is off: this agent alone/],
    ["approve", / -> full-shutdown$/],
  ] as const)("that says full-shutdown says so where the fleet's shutdown is %s", (shutdown, reason) => {
    const all = { signal: undefined, severity: "critical", agent: undefined, source: "policy line 1" } as const;
    const settings = { fleet: { shutdown }, policy: [{ ...all, tier: "full-shutdown" } as const] };
    expect(decide(signal("critical"), settings)).toEqual({
      tier: "full-shutdown",
      reason: expect.stringMatching(reason),
    });
  });
});
