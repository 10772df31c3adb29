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
    expect([...urgent, ...slow].sort()).toEqual([...steps].sort());
    expect(urgent.map(({ name }) => name)).toEqual(["record-budget-cap", "freeze-budget"]);
  });
});
