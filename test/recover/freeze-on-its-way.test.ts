import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Gateway } from "../../src/incident/gateway.ts";
import { standDown } from "../../src/recover/stand-down.ts";
import { freezeBudget } from "../../src/runbooks/steps/freeze-budget.ts";
import { containPorts } from "../../src/work.ts";
import { type QuietWorld, quietWorld } from "../contain/quiet-world.ts";

let world: QuietWorld;
beforeEach(async () => {
  world = await quietWorld();
});
afterEach(() => world.close());

const agentId = "agent-7";
const { signal: abort } = new AbortController();

/** A gateway whose next write of 0 leaves and lands only when it is told to. */
function holdingBack(gateway: Gateway) {
  const left = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  let isHeld = false;
  const setBudget: Gateway["setBudget"] = async (agent, caps, ...rest) => {
    if (caps.dailyCap === 0n && !isHeld) {
      isHeld = true;
      left.resolve();
      await go.promise;
    }
    return gateway.setBudget(agent, caps, ...rest);
  };
  return { gateway: { ...gateway, setBudget }, left: left.promise, land: () => go.resolve() };
}

/** As the recovery worker does it; waits are counted, and end at once after having let others run. */
async function standsDown(incidentId: string, onWait: () => void = () => undefined) {
  await world.services.incidents.beginStandDown(incidentId, "mira", "false alarm");
  const ports = containPorts(world.services);
  const wait = async () => {
    onWait();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return standDown({ ...ports, clock: { ...ports.clock, wait } }, { incidentId }, abort);
}

const capsNow = async () => (await world.agent()).caps;

describe("when an incident is stood down while a freeze of it is on its way", () => {
  it("the caps are restored after it has landed, and stay", async () => {
    const incidentId = await world.contained();
    await world.admin.setCaps(agentId, "500.00", "15000.00");
    // The hold sees a lifted freeze and puts it back, slowly.
    const slow = holdingBack(world.ports.gateway);
    const holding = world.contain(incidentId, { gateway: slow.gateway });
    await slow.left;
    const answer = await standsDown(incidentId, slow.land);
    await holding;
    expect(answer).toEqual({ answer: "restored" });
    expect(await capsNow()).toMatchObject({ daily: "500.00", monthly: "15000.00" });
  });

  it("is not stood down over its head: it says that a freeze is on its way, and is asked again", async () => {
    const incidentId = await world.contained();
    await world.admin.setCaps(agentId, "500.00", "15000.00");
    const slow = holdingBack(world.ports.gateway);
    const holding = world.contain(incidentId, { gateway: slow.gateway });
    await slow.left;
    await expect(standsDown(incidentId)).rejects.toThrow("still on its way");
    slow.land();
    await holding;
    expect(await capsNow()).toMatchObject({ daily: "0.00" });
    expect(await standsDown(incidentId)).toEqual({ answer: "restored" });
    expect(await capsNow()).toMatchObject({ daily: "500.00" });
  });
});

describe("when the hold looks at an agent that was released meanwhile", () => {
  it("does not freeze it again", async () => {
    const incidentId = await world.contained();
    const { gateway } = world.ports;
    let released = false;
    // Between what the hold reads and what it writes a person stands the incident down.
    const readBudget: Gateway["readBudget"] = async (...args) => {
      if (!released) {
        released = true;
        await standsDown(incidentId);
      }
      return gateway.readBudget(...args);
    };
    await world.admin.setCaps(agentId, "900.00", null);
    expect(await world.contain(incidentId, { gateway: { ...gateway, readBudget } })).toEqual({ answer: "held" });
    expect(await capsNow()).toMatchObject({ daily: "500.00", monthly: "15000.00" });
  });

  it("does not freeze it again either where it has counted a breach by then", async () => {
    const incidentId = await world.contained();
    await world.admin.setCaps(agentId, "900.00", null);
    const { incidents } = world.ports;
    const countBreach: typeof incidents.countBreach = async (...args) => {
      const count = await incidents.countBreach(...args);
      await standsDown(incidentId);
      return count;
    };
    const late = world.contain(incidentId, { incidents: { ...incidents, countBreach } });
    await expect(late).rejects.toThrow("not back yet");
    expect(await capsNow()).toMatchObject({ daily: "500.00", monthly: "15000.00" });
  });
});

describe("a freeze that was done before", () => {
  it("leaves nothing on its way that a stand-down would wait for", async () => {
    const incidentId = await world.contained();
    expect(await world.services.caps.loweringLeft(agentId)).toBe(0);
    // Another worker's attempt at the same step, whose receipt it had not seen.
    const incident = (await world.services.incidents.load(incidentId))!;
    await freezeBudget.run({ ports: world.ports, incident, signals: [], abort });
    expect(await world.services.caps.loweringLeft(agentId)).toBe(0);
    expect(await standsDown(incidentId)).toEqual({ answer: "restored" });
  });
});
