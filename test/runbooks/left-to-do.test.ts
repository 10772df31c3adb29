import { describe, expect, it } from "vitest";
import type { IncidentView } from "../../src/incident/incident.ts";
import { runbookNamed } from "../../src/runbooks/index.ts";
import { freezeByHand, leftToDo } from "../../src/runbooks/left-to-do.ts";
import { anIncident, seconds } from "../learn/post-mortem/an-incident.ts";
import { aRecovery, aRecoveryAt } from "../support/recoveries.ts";

const left = (given: Partial<IncidentView> = {}) => leftToDo(anIncident(given));
const closedAt = seconds(900);
const line = (what: string, detail: Record<string, unknown>) =>
  ({ at: seconds(30), phase: "recover", what, detail }) as const;

describe("what is left to do", () => {
  it("is what the runbook says, as long as nobody has asked for anything", () => {
    expect(left()).toEqual(runbookNamed("runaway-spending").followUp);
  });

  it("while the checks of a recovery are made is to wait, and to watch it once it runs", () => {
    expect(left({ recovery: aRecovery() })).toEqual([
      "Wait for the checks before the first step: ada asked for recovery, and the agent is still held",
    ]);
    expect(left({ status: "recovering", recovery: aRecoveryAt(0) })).toEqual([
      "Watch the recovery of procurement-17: it may spend 75 % of its caps on 2026-11-22 08:57:00 UTC, if no warning comes (npx tourniquet incidents show inc-0-abc-1)",
    ]);
    expect(left({ status: "recovering", recovery: aRecoveryAt(2) })[0]).toContain(
      "it is resolved on 2026-11-24 02:57:00 UTC",
    );
  });

  it("in a cascade is to ask for the recovery that comes before, by the agent's name", () => {
    const timeline = [line("recovery-waits", { for: ["inc-0-root-1"], agents: ["freight-09"] })];
    const recovery = aRecovery({ waitsFor: ["inc-0-root-1"] } as never);
    expect(left({ recovery, timeline })).toEqual([
      "Ask for the recovery of freight-09 first, if nobody has: procurement-17 is held until that one's first step stands (npx tourniquet incidents recover inc-0-root-1)",
    ]);
  });

  it("of a recovery that fell back says what was seen, and that a new incident takes its place", () => {
    const timeline = [line("relapsed", { why: "the budget is at 85 %.", containedAnew: true })];
    const [first] = left({ status: "recovering", recovery: aRecoveryAt(0, { stopped: "relapsed" }), timeline });
    expect(first).toBe(
      "Look for the new incident of procurement-17, and see to that one. The budget is at 85 %: that ended this recovery at its first step, and procurement-17 is contained anew",
    );
  });

  it("of a recovery that stopped is what makes it go on", () => {
    const stopped = aRecoveryAt(0, { stopped: "caps-lowered" });
    expect(left({ status: "recovering", recovery: stopped })[0]).toMatch(/^Somebody lowered the caps.*set them back/);
  });

  it.each<[string, Partial<IncidentView>]>([
    ["resolved", { status: "resolved", closedAt, recovery: aRecoveryAt(2) }],
    ["stood down", { status: "stood-down", closedAt, standDown: { by: "ada", reason: "planned", askedAt: 1 } }],
  ])("after it was %s is to read the post-mortem, and nothing of before", (_, given) => {
    expect(left(given)).toEqual(["See the post-mortem: npx tourniquet incidents post-mortem inc-0-abc-1"]);
  });

  it("where new trouble took its place begins with that", () => {
    const given = { status: "resolved", closedAt, recovery: aRecoveryAt(0), supersededBy: "inc-0-abc-2" } as const;
    expect(left(given)[0]).toBe("See to inc-0-abc-2: npx tourniquet incidents show inc-0-abc-2");
  });

  it("begins with freezing by hand while a freeze fails, or takes longer than it may", () => {
    const bleeding = { status: "containing", effectiveAt: null, containedAt: null } as const;
    const failed = [line("step-failed", { step: "freeze-budget", message: "503" })];
    expect(left({ ...bleeding, timeline: failed })[0]).toMatch(/^Freeze procurement-17 by hand: .*on-call\.md, 10/);
    const { receivedAt } = anIncident();
    expect(freezeByHand(anIncident({ ...bleeding, timeline: failed }), receivedAt)).toHaveLength(1);
    expect(freezeByHand(anIncident(bleeding), receivedAt + 5_000)).toEqual([]);
    expect(freezeByHand(anIncident(bleeding), receivedAt + 5_001)).toHaveLength(1);
    const held = { ...bleeding, timeline: failed, effectiveAt: seconds(16) };
    expect(freezeByHand(anIncident(held), receivedAt + 60_000)).toEqual([]);
    const halved = { ...bleeding, timeline: failed, runbooks: ["service-degradation"] };
    expect(freezeByHand(anIncident(halved), receivedAt + 60_000)).toEqual([]);
  });

  it("never asks a person to write a post-mortem: the product does", () => {
    for (const name of ["agent-breach", "cascade-failure", "identity-compromise"])
      expect(runbookNamed(name).followUp.join()).not.toMatch(/(Write|Run) the post-mortem/);
  });
});
