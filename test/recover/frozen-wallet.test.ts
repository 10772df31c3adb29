import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { TourniquetError } from "../../src/errors.ts";
import type { Gateway } from "../../src/incident/gateway.ts";
import { standDown } from "../../src/recover/stand-down.ts";
import { keys } from "../../src/redis/keys.ts";
import { partitionOfId } from "../../src/redis/partitions.ts";
import { type BreachWorld, breachWorld, errors } from "../contain/breach-world.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { trouble } from "./model.ts";
import { abort, agentId, recoveringModel } from "./recovering-model.ts";
import { HOUR_MS } from "./recovering-world.ts";

let world: BreachWorld;
beforeEach(async () => {
  world = await breachWorld();
});
afterEach(() => world.close());

/** An incident whose caps were lifted three times: the end of the ladder. */
async function walletFrozen(gateway: Gateway = world.ports.gateway): Promise<string> {
  const id = await world.contained();
  for (let lifted = 0; lifted < 3; lifted += 1) {
    await world.admin.setCaps("agent-7", "900.00", null);
    await world.contain(id, { gateway });
  }
  expect((await world.agent()).isFrozen).toBe(true);
  return id;
}
/** Its stand-down finds the agent held by an incident that opened since. Answers that one. */
async function stillHeld(id: string, by: Parameters<BreachWorld["contained"]>[0] = undefined): Promise<string> {
  await world.services.incidents.beginStandDown(id, "ada", "planned");
  const next = await world.contained(by);
  expect(next).not.toBe(id);
  const abort = new AbortController().signal;
  expect(await standDown(world.ports, { incidentId: id }, abort)).toEqual({ answer: "still-held" });
  expect((await world.agent()).isFrozen).toBe(true);
  return next;
}

describe("a wallet that a hold froze", () => {
  it("is given back by the stand-down of its incident, also where the freeze was never answered", async () => {
    const real = world.ports.gateway;
    const id = await walletFrozen({
      ...real,
      async setWalletFrozen(...args) {
        await real.setWalletFrozen(...args);
        return { outcome: "unknown", error: new TourniquetError("gateway-timeout", "none") };
      },
    });
    // The freeze that nobody answered can land no more.
    await world.services.redis.del(keys.lowering(partitionOfId(id), "agent-7"));
    expect(await world.calledOff(id)).toEqual({ answer: "restored" });
    expect((await world.agent()).isFrozen).toBe(false);
  });

  it("is given back with the incident after it, where that one held the agent when its own was called off", async () => {
    const next = await stillHeld(await walletFrozen());
    expect(await world.calledOff(next)).toEqual({ answer: "restored" });
    expect((await world.agent()).isFrozen).toBe(false);
  });

  it("is given back also by the last of several, and by one that would have left the caps alone", async () => {
    const second = await stillHeld(await walletFrozen());
    const third = await stillHeld(second, errors);
    expect(await world.calledOff(third)).toEqual({ answer: "restored" });
    expect(await world.agent()).toMatchObject({ isFrozen: false, caps: { daily: "500.00" } });
  });

  it("stays frozen where nobody knows the caps from before, until a stand-down that gives caps back", async () => {
    const id = await walletFrozen();
    const agent = keys.agent(partitionOfId(id), "agent-7");
    await world.services.redis.hdel(agent, "snapAt", "capsAt");
    expect(await world.calledOff(id)).toEqual({ answer: "caps-unknown" });
    expect((await world.agent()).isFrozen).toBe(true);
    await world.admin.setCaps("agent-7", "300.00", null);
    await world.calledOff(await world.contained());
    expect(await world.agent()).toMatchObject({ isFrozen: false, caps: { daily: "300.00" } });
  });

  it("is left alone once it was given back: what the owner freezes after that is his", async () => {
    await world.calledOff(await walletFrozen());
    const next = await world.contained();
    await world.ports.gateway.setWalletFrozen("agent-7", true, "the-owner" as never);
    expect(await world.calledOff(next)).toEqual({ answer: "restored" });
    expect((await world.agent()).isFrozen).toBe(true);
  });
});

describe("a wallet that a recovery gave back with its first rung", () => {
  let stores: Stores;
  beforeAll(async () => {
    stores = await openStores();
  });
  afterAll(() => stores.close());

  it("is left alone by the rungs after it, and by its stand-down: what an admin freezes since is his", async () => {
    const one = await recoveringModel(stores);
    const asked: boolean[] = [];
    one.model.gateway.setWalletFrozen = async (_agentId, frozen) => {
      asked.push(frozen);
      return { outcome: "done", value: { frozen } };
    };
    await stores.incidents.stamp(one.id, "walletFrozenAt");
    await one.run();
    expect(asked).toEqual([false]);
    await one.pass(6 * HOUR_MS);
    expect(await one.run()).toBe("rung-taken");
    await stores.incidents.beginStandDown(one.id, "ada", "planned");
    expect(await standDown(one.ports, { incidentId: one.id }, abort)).toEqual({ answer: "restored" });
    expect(asked).toEqual([false]);
  });

  it("is asked for again where the gateway did not say that it was given back", async () => {
    const one = await recoveringModel(stores);
    const asked: boolean[] = [];
    one.model.gateway.setWalletFrozen = async (_agentId, frozen) => {
      asked.push(frozen);
      if (asked.length > 1) return { outcome: "done", value: { frozen } };
      return { outcome: "unknown", error: new TourniquetError("gateway-timeout", "none") };
    };
    await stores.incidents.stamp(one.id, "walletFrozenAt");
    await expect(one.run()).rejects.toThrow("still frozen");
    await one.run();
    expect(asked).toEqual([false, false]);
  });

  it("stays known as frozen where new trouble holds the agent by the time it is answered", async () => {
    const one = await recoveringModel(stores);
    await stores.incidents.stamp(one.id, "walletFrozenAt");
    one.model.gateway.setWalletFrozen = async (_agentId, frozen) => {
      await trouble(one.ports, agentId, abort);
      return { outcome: "done", value: { frozen } };
    };
    await one.run();
    expect(await stores.caps.isWalletFrozen(agentId)).toBe(true);
  });
});
