import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { TourniquetError } from "../../src/errors.ts";
import { money } from "../../src/incident/money.ts";
import { askRecovery } from "../../src/recover/ask-recovery.ts";
import { recover } from "../../src/recover/recover.ts";
import { standDown } from "../../src/recover/stand-down.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { lateGateway } from "./late-gateway.ts";
import { capsBefore, modelPorts, trouble } from "./model.ts";
import { abort, agentId, type RecoveringModel, recoveringModel } from "./recovering-model.ts";
import { HOUR_MS, said } from "./recovering-world.ts";

let stores: Stores;
let one: RecoveringModel;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(async () => {
  one = await recoveringModel(stores);
});

async function onTheSecondRung(): Promise<void> {
  await one.run();
  await one.pass(6 * HOUR_MS);
  await one.run();
}

describe("new trouble while it recovers", () => {
  it("knows the caps from before, and each step back to them is lost to the old recovery for good", async () => {
    await onTheSecondRung();
    const next = await trouble(one.ports, agentId, abort);
    await one.pass(18 * HOUR_MS);
    expect(await one.run()).toBe("superseded");
    expect(one.daily()).toBe("0.00");
    expect(await stores.caps.snapshot(agentId, next)).toMatchObject(capsBefore);
    expect(one.pages()).toContain(`page-${one.id}-over`);
    await expect(askRecovery(one.ports, { incidentId: one.id, ...said })).rejects.toMatchObject({ code: "conflict" });
  });

  it("cannot be called off in the name of the old one", async () => {
    await one.run();
    await trouble(one.ports, agentId, abort);
    expect(await stores.incidents.beginStandDown(one.id, "ada", "planned")).toEqual({ answer: "over", epoch: 0 });
    expect(one.daily()).toBe("0.00");
  });
});

describe("writes of the caps that meet", () => {
  it("a stand-down waits for a rung that is on its way: what it restores is not overwritten", async () => {
    await one.run();
    const late = lateGateway();
    late.caps = one.model.caps;
    const slow = modelPorts(stores, late.gateway);
    await one.pass(6 * HOUR_MS);
    const raise = late.nextRaise();
    const taking = recover(slow, { incidentId: one.id }, abort);
    await raise;
    await stores.incidents.beginStandDown(one.id, "ada", "planned");
    await expect(standDown(slow, { incidentId: one.id }, abort)).rejects.toThrow("still on its way");
    expect(late.raisesOut()).toBe(1);
    late.land();
    expect(await taking).toEqual({ answer: "changed" });
    const restore = late.nextRaise();
    const standing = standDown(slow, { incidentId: one.id }, abort);
    await restore;
    late.land();
    expect(await standing).toEqual({ answer: "restored" });
    expect(late.caps.dailyCap).toBe(money("500.00"));
  });

  it("0 goes out again until the gateway takes it, where a freeze came between", async () => {
    await one.run();
    await one.pass(6 * HOUR_MS);
    const { setBudget } = one.model.gateway;
    let refused = 0;
    let isRaised = false;
    one.model.gateway.setBudget = async (...args) => {
      if (args[1].dailyCap === 0n && isRaised && refused < 3) {
        refused += 1;
        return { outcome: "not-done", error: new TourniquetError("gateway-rate-limited", "slow down") };
      }
      if (args[1].dailyCap === 0n || isRaised) return setBudget(...args);
      await trouble(one.ports, agentId, abort);
      isRaised = true;
      return setBudget(...args);
    };
    expect(await one.run()).toBe("changed");
    expect([refused, one.daily()]).toEqual([3, "0.00"]);
    expect(await stores.caps.loweringLeft(agentId)).toBe(0);
    expect(await one.run()).toBe("superseded");
  });
});

describe("a worker whose clock is six hours ahead", () => {
  it("takes no rung early: Redis says what time it is", async () => {
    await one.run();
    const { now } = Date;
    Date.now = () => now() + 7 * HOUR_MS;
    try {
      expect(await one.run()).toBe("standing");
    } finally {
      Date.now = now;
    }
    expect(one.daily()).toBe("250.00");
  });

  it("takes none either where it believes that it is due: the gate asks Redis again", async () => {
    await one.run();
    const wrong = {
      ...one.ports,
      clock: { ...one.ports.clock, now: async () => (await one.ports.clock.now()) + 7 * HOUR_MS },
    };
    expect(await recover(wrong, { incidentId: one.id }, abort)).toEqual({ answer: "standing" });
    expect(one.daily()).toBe("250.00");
    await one.pass(6 * HOUR_MS);
    expect(await one.run()).toBe("rung-taken");
  });
});

describe("a worker that slept while another one took the rung", () => {
  it("does not take our own rung for somebody else's: nothing is contained anew", async () => {
    await one.run();
    await one.pass(6 * HOUR_MS);
    const { readBudget } = one.model.gateway;
    let slept = false;
    const asleep = modelPorts(stores, {
      ...one.model.gateway,
      async readBudget(...args) {
        if (!slept) {
          slept = true;
          expect(await one.run()).toBe("rung-taken");
        }
        return readBudget(...args);
      },
    });
    expect(await recover(asleep, { incidentId: one.id }, abort)).toEqual({ answer: "changed" });
    expect(asleep.dispatch.added.filter(({ queue }) => queue === "freeze")).toEqual([]);
    expect(one.daily()).toBe("375.00");
  });
});
