import { describe, expect, it } from "vitest";
import type { IncidentView } from "../../../src/incident/incident.ts";
import {
  deadlineVerdict,
  durationsOf,
  firstAnomalyOf,
  sixtySeconds,
} from "../../../src/learn/post-mortem/durations.ts";
import { aRecovery } from "../../support/recoveries.ts";
import { anIncident, NIGHT, seconds, theLoop } from "./an-incident.ts";

const now = seconds(300);
const sixty = (given: Partial<IncidentView>) => sixtySeconds(anIncident(given), now);
const notContained = { status: "containing", containedAt: null } as const;
const calledOffAt = (sec: number) => ({
  ...notContained,
  ...{
    status: "stood-down" as const,
    standDown: { by: "ada", reason: "x", askedAt: seconds(sec) },
    closedAt: seconds(sec + 1),
  },
});

describe("the verdict on 60 seconds (F3)", () => {
  it.each<[string, Partial<IncidentView>, string]>([
    ["contained after 3 s", {}, "kept"],
    ["contained after 60 s sharp", { containedAt: seconds(75) }, "kept"],
    ["contained a millisecond later", { containedAt: seconds(75) + 1 }, "missed"],
    [
      "called off after 59.999 s, uncontained",
      { ...calledOffAt(75), standDown: { by: "a", reason: "b", askedAt: seconds(75) - 1 } },
      "not-judged",
    ],
    ["called off after more than 60 s, uncontained", calledOffAt(76), "missed"],
    ["not contained and long over time", notContained, "missed"],
    ["not contained yet", { ...notContained, receivedAt: now - 1_000 }, "open"],
    ["a dry run", { ...notContained, dryRun: true }, "not-judged"],
    [
      "overtaken by new trouble after it was contained",
      { status: "resolved", supersededBy: "inc-0-abc-2", closedAt: now },
      "kept",
    ],
  ])("%s", (_, given, verdict) => {
    expect(sixty(given).verdict).toBe(verdict);
    expect(sixty(given).why).not.toMatch(/undefined|NaN|null/);
  });

  it("counts from detection, not from the first anomaly", () => {
    expect(sixty({ receivedAt: seconds(100), containedAt: seconds(130) })).toMatchObject({
      tookMs: 30_000,
      verdict: "kept",
    });
  });
});

describe("the verdict on the deadline of its priority (P2)", () => {
  it.each<[IncidentView["priority"], number, string]>([
    ["P0", 4_999, "kept"],
    ["P0", 5_000, "missed"],
    ["P1", 899_999, "kept"],
    ["P1", 900_000, "missed"],
    ["P2", 3_599_999, "kept"],
    ["P2", 3_600_000, "missed"],
    ["P3", 9_000_000, "not-judged"],
  ])("%s contained after %i ms: %s", (priority, ms, verdict) => {
    const incident = anIncident({ priority, containedAt: seconds(15) + ms });
    expect(deadlineVerdict(incident, now).verdict).toBe(verdict);
  });
});

describe("how long the phases took (F3)", () => {
  const closedAt = seconds(18 + 3_600);

  it("is counted from one to the next, and in all", () => {
    const incident = anIncident({ status: "resolved", closedAt, recovery: aRecovery() });
    const { detect, contain, recover, total } = durationsOf(incident, NIGHT);
    expect([detect.ms, contain.ms, recover.ms, total.ms]).toEqual([15_000, 3_000, 3_600_000, 3_618_000]);
    expect(recover.why).toContain("back to normal");
  });

  it("is not made up where a phase has no end: not over, never contained, a dry run", () => {
    const open = durationsOf(anIncident(), NIGHT);
    expect([open.recover, open.total]).toEqual([
      { ms: null, why: "It is not over yet." },
      { ms: null, why: "It is not over yet." },
    ]);
    const off = durationsOf(anIncident(calledOffAt(20)), NIGHT);
    expect([off.contain.ms, off.recover.ms, off.total.ms]).toEqual([null, null, 21_000]);
    expect(off.contain.why).toBe("A person called it off before it was contained.");
    expect(durationsOf(anIncident({ ...notContained, dryRun: true }), NIGHT).contain.why).toContain("dry run");
  });

  it("says of an incident that was overtaken that the agent was not back to normal", () => {
    const over = anIncident({ status: "resolved", closedAt, recovery: aRecovery(), supersededBy: "inc-0-abc-2" });
    expect(durationsOf(over, NIGHT).recover.why).toBe(
      "Until inc-0-abc-2 took its place; the agent was not back to normal by then.",
    );
  });
});

describe("the first anomaly", () => {
  it("is the oldest event behind any signal, by its own word, and never after we heard of it", () => {
    const signals = [theLoop(), theLoop({ id: "sig-2", startedAt: NIGHT - 5_000 })];
    expect(firstAnomalyOf(anIncident({ signals }), [])).toBe(NIGHT - 5_000);
    expect(firstAnomalyOf(anIncident({ signals }), [NIGHT - 9_000])).toBe(NIGHT - 9_000);
    const ahead = theLoop({ startedAt: seconds(500), occurredAt: seconds(501) });
    expect(firstAnomalyOf(anIncident({ signals: [ahead] }), [])).toBe(seconds(15));
  });
});
