import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { contain } from "../../src/contain/contain.ts";
import type { Gateway } from "../../src/incident/gateway.ts";
import { standDown } from "../../src/recover/stand-down.ts";
import { abort, recoveringModel } from "../recover/recovering-model.ts";
import { openStores } from "../redis/open-stores.ts";
import { type BreachWorld, breach, breachWorld, errors, loose } from "./breach-world.ts";

let world: BreachWorld;
beforeEach(async () => {
  world = await breachWorld();
});
afterEach(() => world.close());

/** A worker may fail once it finds that nothing is asked any more; what counts is what it left behind. */
const quietly = (work: Promise<unknown>) => work.catch(() => undefined);

describe("what nobody can take back", () => {
  it("is not done to an incident that was called off: no further escrow is cancelled", async () => {
    await world.admin.holdEscrows("agent-7", "flaky-upstream", "1.00", 20);
    const { incidentId } = await world.freeze(await world.handOver());
    const real = world.ports.gateway;
    let cancels = 0;
    const cancelEscrow: Gateway["cancelEscrow"] = async (...args) => {
      cancels += 1;
      if (cancels === 3) await world.services.incidents.beginStandDown(incidentId!, "ada", "planned");
      return real.cancelEscrow(...args);
    };
    const limits = { ...world.ports.limits, concurrency: 1 };
    await quietly(world.contain(incidentId!, { gateway: { ...real, cancelEscrow }, limits }));
    expect(cancels).toBe(3);
    expect((await world.agent()).escrows.held).toBe(17);
  });

  it("is not done to an incident that was called off: no credentials are rotated", async () => {
    const { incidentId } = await world.freeze(await world.handOver(breach));
    const control = world.ports.agentControl!;
    const setPaused: typeof control.setPaused = async (...args) => {
      const outcome = await control.setPaused(...args);
      await world.services.incidents.beginStandDown(incidentId!, "ada", "planned");
      return outcome;
    };
    await quietly(world.contain(incidentId!, { agentControl: { ...control, setPaused } }));
    expect((await world.reins()).rotations).toEqual([]);
  });
});

describe("what is asked of an agent and lands after the stand-down", () => {
  it.each([
    ["to all its tools", { mode: "all" }, loose],
    ["to what it had before", { mode: "read-only" }, { ...loose, tools: "read-only" }],
  ])("is taken back by whoever asked it, %s", async (_, before, after) => {
    await world.set("agent-7", "tools", before);
    const { incidentId } = await world.freeze(await world.handOver(breach));
    const control = world.ports.agentControl!;
    let isFirst = true;
    const setTools: typeof control.setTools = async (...args) => {
      if (isFirst) {
        isFirst = false;
        await world.calledOff(incidentId!);
      }
      return control.setTools(...args);
    };
    await quietly(world.contain(incidentId!, { agentControl: { ...control, setTools } }));
    expect(await world.reins()).toMatchObject(after);
  });
});

describe("how an agent was before it was held back", () => {
  it("is not what an incident had asked for that was stood down while it was looked at", async () => {
    const first = await world.contained(breach);
    expect(await world.reins("agent-8")).toMatchObject({ tools: "read-only" });
    const { incidentId } = await world.freeze(await world.handOver({ ...errors, agentId: "agent-8" }));
    const control = world.ports.agentControl!;
    const readState: typeof control.readState = async (...args) => {
      const state = await control.readState(...args);
      await world.calledOff(first);
      return state;
    };
    await quietly(world.contain(incidentId!, { agentControl: { ...control, readState } }));
    await world.contain(incidentId!);
    expect(await world.reins("agent-8")).toMatchObject({ tools: "read-only" });
    await world.calledOff(incidentId!);
    expect(await world.reins("agent-8")).toMatchObject(loose);
  });
});

describe("a look of the hold that began before recovery did", () => {
  it.each(["recovery", "stand-down"])("finds the caps of its %s, and calls nothing a breach", async (what) => {
    const stores = await openStores();
    const one = await recoveringModel(stores);
    const { gateway } = one.ports;
    const real = gateway.readBudget;
    let isFirst = true;
    gateway.readBudget = async (...args) => {
      if (isFirst) {
        isFirst = false;
        if (what === "recovery") await one.run();
        else {
          await stores.incidents.beginStandDown(one.id, "ada", "planned");
          await standDown(one.ports, { incidentId: one.id }, abort);
        }
      }
      return real(...args);
    };
    expect(await contain(one.ports, { incidentId: one.id }, abort)).toEqual({ answer: "held" });
    expect(one.daily()).toBe(what === "recovery" ? "250.00" : "500.00");
    expect(await stores.incidents.load(one.id)).toMatchObject({ reassertions: 0 });
    expect(one.pages().filter((job) => job.includes("breach"))).toEqual([]);
    await stores.close();
  });
});
