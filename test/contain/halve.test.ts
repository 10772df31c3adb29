import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TourniquetError } from "../../src/errors.ts";
import type { Gateway } from "../../src/incident/gateway.ts";
import { standDown } from "../../src/recover/stand-down.ts";
import { type QuietWorld, quietWorld } from "./quiet-world.ts";

let world: QuietWorld;
beforeEach(async () => {
  world = await quietWorld();
});
afterEach(() => world.close());

const drift = { kind: "reputation-drift", suspectPayee: null } as const;
const view = async (id: string) => (await world.services.incidents.view(id))!;
const caps = async () => {
  const { daily, monthly } = (await world.agent()).caps;
  return { daily, monthly };
};
const half = { daily: "250.00", monthly: "15000.00" };
const zero = { daily: "0.00", monthly: "0.00" };
const before = { daily: "500.00", monthly: "15000.00" };
const writes = async () =>
  (await world.admin.effects("budget.set")).filter(({ agentId }) => agentId === "agent-7").length;
async function calledOff(id: string) {
  await world.services.incidents.beginStandDown(id, "ada", "planned");
  return standDown(world.ports, { incidentId: id }, new AbortController().signal);
}

describe("when an agent's work gets worse", () => {
  it("its daily budget is halved, its month and its escrows stay, and nothing says frozen", async () => {
    await world.admin.holdEscrows("agent-7", "honest", "150.00", 2);
    const id = await world.contained(drift);
    expect(await caps()).toEqual(half);
    expect(await world.agent()).toMatchObject({ escrows: { held: 2 }, control: { tools: "all", paused: false } });
    const { status, priority, requestedAt, effectiveAt, steps } = await view(id);
    expect({ status, priority }).toEqual({ status: "contained", priority: "P2" });
    expect(effectiveAt).toBeGreaterThanOrEqual(requestedAt!);
    expect(steps.find(({ step }) => step === "halve-budget")?.result).toMatchObject({
      dailyCap: "250.00",
      from: "500.00",
    });
    const told = (await world.jobs("notification")).join(" ");
    expect(told).toContain("budget-reduced");
    expect(told).not.toContain("budget-frozen");
    expect(Object.keys(await world.services.incidents.evidence(id))).toEqual(
      expect.arrayContaining(["reputation", "usage"]),
    );
  });

  it.each([
    ["0.03", "0.01"],
    ["0.00000001", "0.00"],
    ["0.00", "0.00"],
  ])("half of %s is %s, in whole cents: never a unit more", async (daily, expected) => {
    await world.admin.placeAgent("agent-7", { dailyCap: daily });
    await world.contained(drift);
    expect((await caps()).daily).toBe(expected);
  });

  it("a cap that was none is not invented", async () => {
    await world.admin.placeAgent("agent-7", { dailyCap: null });
    const before = await writes();
    const id = await world.contained(drift);
    expect((await caps()).daily).toBeNull();
    expect(await writes()).toBe(before);
    expect(await view(id)).toMatchObject({ status: "contained", effectiveAt: null });
    expect(await world.contain(id)).toEqual({ answer: "held" });
  });

  it("a cap that somebody has lowered further meanwhile is not raised to the half", async () => {
    const { gateway } = world.ports;
    let reads = 0;
    // After the caps of before were recorded, and before the half goes out.
    const readBudget: typeof gateway.readBudget = async (...args) => {
      reads += 1;
      if (reads === 2) await world.admin.setCaps("agent-7", "100.00", "15000.00");
      return gateway.readBudget(...args);
    };
    await world.freeze(await world.handOver(drift), { gateway: { ...gateway, readBudget } });
    expect((await caps()).daily).toBe("100.00");
  });

  it("it is not halved again: not by a repeat, a lost receipt, another signal, or another incident while it is held", async () => {
    const id = await world.contained(drift);
    await world.services.redis.del(`{tq:0}:incident:${id}:receipts`);
    await world.contain(id);
    await world.contain(id);
    expect(await caps()).toEqual(half);
    await world.freeze(await world.handOver(drift));
    await world.contain(id);
    expect(await caps()).toEqual(half);
    // Called off, and before its caps are back there is new trouble.
    await world.services.incidents.beginStandDown(id, "ada", "planned");
    const second = await world.contained(drift);
    expect(second).not.toBe(id);
    expect(await caps()).toEqual(half);
    await calledOff(second);
    expect(await caps()).toEqual(before);
  });

  it("it waits until the caps are known: half of nothing known is nothing to set", async () => {
    const { gateway } = world.ports;
    const readBudget = async () => Promise.reject(new TourniquetError("gateway-failed", "500"));
    const blind: Gateway = { ...gateway, readBudget };
    const { eventId, ...job } = (await world.handOver(drift)) as { eventId: string; agentId: string; signalId: string };
    await expect(world.freeze({ eventId, ...job }, { gateway: blind })).rejects.toThrow();
    expect(await caps()).toEqual(before);
    const { id } = await world.incident();
    await world.contain(id);
    expect(await caps()).toEqual(half);
  });
});

describe("where the gateway shows no monthly cap", () => {
  it("half a day does not make the month uncapped: it is what the settings say, else thirty days", async () => {
    await world.close();
    world = await quietWorld({ dialect: "tools" });
    const { gateway } = world.ports;
    expect((await gateway.readBudget("agent-7")).monthlyCap).toBeUndefined();
    await world.contained(drift);
    expect(await caps()).toEqual(half);
  });
});

describe("a halved budget is held", () => {
  it("what is raised is put back, with the month as it was; lower is left alone; the wallet is never frozen for it", async () => {
    const id = await world.contained(drift);
    for (let times = 1; times <= 4; times += 1) {
      await world.admin.setCaps("agent-7", "250.01", null);
      await world.contain(id);
      expect(await caps()).toEqual(half);
    }
    expect((await view(id)).reassertions).toBe(4);
    expect((await world.agent()).isFrozen).toBe(false);
    await world.admin.setCaps("agent-7", "10.00", "15000.00");
    await world.contain(id);
    expect((await caps()).daily).toBe("10.00");
    expect((await view(id)).reassertions).toBe(4);
  });

  it("and an uncapped agent is put back too", async () => {
    const id = await world.contained(drift);
    await world.admin.setCaps("agent-7", null, null);
    await world.contain(id);
    expect(await caps()).toEqual(half);
  });
});

describe("when worse trouble joins", () => {
  it("the freeze wins, and what is restored in the end is what was there before both", async () => {
    const id = await world.contained(drift);
    const job = await world.handOver();
    expect(await world.freeze(job)).toMatchObject({ answer: "joined", incidentId: id });
    await world.contain(id);
    expect(await caps()).toEqual(zero);
    expect(await world.contain(id)).toEqual({ answer: "held" });
    expect(await view(id)).toMatchObject({ priority: "P0", reassertions: 0 });
    expect(await calledOff(id)).toEqual({ answer: "restored" });
    expect(await caps()).toEqual(before);
  });

  it.each(["before the half is sent", "while it is on its way"])(
    "a half that a worker is late with does not lift the freeze: %s",
    async (when) => {
      const { gateway } = world.ports;
      let joined = false;
      const join = async () => {
        if (joined) return;
        joined = true;
        await world.freeze(await world.handOver());
        expect(await caps()).toEqual(zero);
      };
      let reads = 0;
      const slow: Gateway = {
        ...gateway,
        async readBudget(...call) {
          const budget = await gateway.readBudget(...call);
          reads += 1;
          // The first is for the snapshot, the second is the step's own.
          if (reads === 2 && when === "before the half is sent") await join();
          return budget;
        },
        async setBudget(...call) {
          if (when === "while it is on its way") await join();
          return gateway.setBudget(...call);
        },
      };
      await world.freeze(await world.handOver(drift), { gateway: slow }).catch((error) => error);
      expect(joined).toBe(true);
      const halves = (await world.admin.effects("budget.set")).filter((effect) => effect.caps?.daily === "250.00");
      expect(halves).toHaveLength(when === "before the half is sent" ? 0 : 1);
      expect(await caps()).toEqual(zero);
      const { id } = await world.incident();
      await world.contain(id);
      expect(await caps()).toEqual(zero);
      expect((await view(id)).reassertions).toBe(0);
    },
  );
});

describe("a stand-down", () => {
  it.each([
    ["500.00", "15000.00"],
    ["0.01", null],
  ])("restores the caps exactly: %s a day, %s a month", async (dailyCap, monthlyCap) => {
    await world.admin.placeAgent("agent-7", { dailyCap, monthlyCap });
    const id = await world.contained(drift);
    expect(await calledOff(id)).toEqual({ answer: "restored" });
    expect(await caps()).toEqual({ daily: dailyCap, monthly: monthlyCap });
  });
});
