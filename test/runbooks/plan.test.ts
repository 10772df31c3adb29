import { describe, expect, it } from "vitest";
import { planOf } from "../../src/runbooks/plan.ts";

const names = (runbooks: readonly string[]) => planOf({ runbooks }).steps.map(({ name }) => name);

describe("what an incident asks for", () => {
  it("is its runbook's, as long as it has one", () => {
    const plan = planOf({ runbooks: ["escrow-exploitation"] });
    expect(plan).toMatchObject({ budget: "freeze", escrows: "suspect-payee" });
    expect(plan.steps.map(({ name }) => name)).toContain("cancel-escrows-to-suspect");
  });

  it("is the union of its runbooks: the widest scope, and each step once", () => {
    const plan = planOf({ runbooks: ["escrow-exploitation", "runaway-spending"] });
    expect(plan.escrows).toBe("all");
    const steps = plan.steps.map(({ name }) => name);
    expect(steps).toContain("cancel-escrows");
    expect(steps).not.toContain("cancel-escrows-to-suspect");
    expect(new Set(steps).size).toBe(steps.length);
  });

  it("does not depend on which runbook came first", () => {
    const one = names(["escrow-exploitation", "runaway-spending"]);
    expect([...names(["runaway-spending", "escrow-exploitation"])].sort()).toEqual([...one].sort());
  });

  it("splits into what is urgent and what is slow, and loses nothing", () => {
    const { steps, urgent, slow } = planOf({ runbooks: ["runaway-spending"] });
    expect(new Set([...urgent, ...slow])).toEqual(new Set(steps));
    expect([...urgent, ...slow]).toHaveLength(steps.length);
    expect(urgent.map(({ name }) => name)).toEqual(["record-budget-cap", "freeze-budget"]);
  });

  it("leaves the budget to the strictest, and takes no half measures beside a whole one", () => {
    expect(planOf({ runbooks: ["agent-restriction"] }).budget).toBe("leave");
    expect(planOf({ runbooks: ["agent-restriction", "service-degradation"] }).budget).toBe("halve");
    const plan = planOf({ runbooks: ["agent-restriction", "service-degradation", "agent-breach"] });
    expect(plan.budget).toBe("freeze");
    const steps = plan.steps.map(({ name }) => name);
    expect(steps).not.toContain("halve-budget");
    expect(steps).not.toContain("restrict-to-read-only");
    expect(steps).toEqual(expect.arrayContaining(["freeze-budget", "revoke-tools", "preserve-usage"]));
  });

  it("puts what stops the agent and what keeps evidence beside the money, so that none waits for another", () => {
    const lanes = planOf({ runbooks: ["identity-compromise", "agent-breach"] }).lanes.map((steps) =>
      steps.map(({ name }) => name),
    );
    expect(lanes).toHaveLength(4);
    expect(lanes).toContainEqual(["cancel-escrows"]);
    expect(lanes).toContainEqual(["revoke-tools", "isolate-network", "pause-agent", "rotate-credentials"]);
    expect(lanes).toContainEqual(["restrict-similar"]);
  });
});
