import { afterEach, describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { createWorld, type World, type WorldOptions } from "../support/world.ts";

let world: World;
const open = async (options?: WorldOptions) => {
  world = await createWorld(options);
  await world.admin.placeAgent("agent-7");
};
afterEach(() => world.close());

const agent = async () => (await world.admin.state()).agents.find(({ agentId }) => agentId === "agent-7")!;

describe("when one agent opens the same escrow again and again", () => {
  it("is frozen by the 12th escrow, and every escrow is refunded once", async () => {
    await open();
    let created = 0;
    while (created < 40 && (await world.openEscrow({ payer: "agent-7" })) !== null) {
      created += 1;
      // However slow this machine is, the agent is only as fast as its events are answered for; npm start races the clock.
      await until(async () => (await world.services.inbox.stats()).pending === 0, "the event to be answered for");
    }
    const incident = await world.untilStatus("contained");
    expect(created).toBeLessThanOrEqual(12);
    expect(incident).toMatchObject({
      agentId: "agent-7",
      priority: "P0",
      runbook: "runaway-spending",
      dollars: { lost: "0.00" },
    });
    expect(incident.dollars.recovered).toBe(incident.dollars.locked);
    expect(await agent()).toMatchObject({
      locked: "0.00",
      caps: { daily: "0.00", monthly: "0.00" },
      escrows: { held: 0, refunded: created },
    });
    expect((await world.admin.state()).doubleRefunds).toEqual([]);
    expect(incident.signals[0]?.why).toMatchObject({
      rule: "identical-escrows",
      observed: { payee: "flaky-upstream", amount: "150.00" },
    });
    expect(incident.steps.find(({ step }) => step === "record-budget-cap")?.result).toMatchObject({
      dailyCap: "500.00",
      monthlyCap: "15000.00",
    });
  });
});

describe("when 312 escrows are already held as the incident opens", () => {
  it("cancels all of them, not one page", async () => {
    await open();
    await world.admin.holdEscrows("agent-7", "flaky-upstream", "150.00", 312);
    await world.deliver({ event_type: "budget_threshold", agent_id: "agent-7", payload: { utilization_pct: 99 } });
    const incident = await world.untilStatus("contained");
    expect(incident.dollars).toEqual({ locked: "46800.00", recovered: "46800.00", lost: "0.00" });
    expect((await agent()).escrows).toMatchObject({ held: 0, refunded: 312 });
    expect((await world.admin.effects("escrow.refunded")).length).toBe(312);
  });
});

describe("when the agent lifts its own cap while contained", () => {
  it("is frozen again and the breach is counted", async () => {
    await open({ settings: "containment: { holdIntervalMs: 1000 }" });
    await world.deliver({ event_type: "budget_threshold", agent_id: "agent-7", payload: { utilization_pct: 99 } });
    await world.untilStatus("contained");
    await world.admin.setCaps("agent-7", "900.00", null);
    await until(async () => (await agent()).caps.daily === "0.00", "the freeze to be back");
    const incident = await until(
      async () => ((await world.incident()).reassertions > 0 ? world.incident() : null),
      "the breach to be counted",
    );
    expect((await agent()).caps).toMatchObject({ daily: "0.00", monthly: "0.00" });
    expect(incident.timeline.map(({ what }) => what)).toContain("hold-breached");
  });
});

describe("when a person stands a false alarm down", () => {
  it("puts the recorded caps back exactly, an uncapped month staying uncapped", async () => {
    await open();
    await world.admin.placeAgent("agent-7", { monthlyCap: null });
    await world.deliver({ event_type: "budget_threshold", agent_id: "agent-7", payload: { utilization_pct: 99 } });
    const { id } = await world.untilStatus("contained");
    await world.services.incidents.beginStandDown(id, "ada", "planned purchase");
    await world.services.dispatch.add("recovery", id, `stand-down-${id}`, { incidentId: id });
    await world.untilStatus("stood-down");
    expect((await agent()).caps).toEqual({ daily: "500.00", monthly: null, alertThreshold: 0.8 });
  });
});
