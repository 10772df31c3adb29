import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fleetStatus } from "../../src/contain/fleet-status.ts";
import { keys } from "../../src/redis/keys.ts";
import { openRequest } from "../redis/open-request.ts";
import { aRecoveryAt } from "../support/recoveries.ts";
import { type QuietWorld, quietWorld } from "./quiet-world.ts";

let world: QuietWorld;
beforeEach(async () => {
  world = await quietWorld();
});
afterEach(() => world.close());

const shown = async () => {
  const [agent] = (await fleetStatus(world.services)).agents;
  return [agent?.held, agent?.isFrozen];
};

describe("what the status of the fleet says of an agent", () => {
  it("is frozen where its budget is 0", async () => {
    await world.contained();
    expect(await shown()).toEqual(["frozen", true]);
  });

  it("is halved, not frozen, where it goes on with half its budget, and frozen once it is", async () => {
    await world.contained({ kind: "reputation-drift", suspectPayee: null });
    expect(await shown()).toEqual(["halved", false]);
    await world.services.incidents.open(openRequest());
    expect(await shown()).toEqual(["halved", false]);
    await world.freeze(await world.handOver());
    expect(await shown()).toEqual(["frozen", true]);
  });

  it("is restricted where it may only read, and its budget is untouched", async () => {
    await world.contained({ kind: "error-spike", severity: "warning", suspectPayee: null });
    expect(await shown()).toEqual(["restricted", false]);
  });

  it("is recovering, and with how much of its caps, once its freeze was lifted for that", async () => {
    const id = await world.contained();
    const { redis } = world.services;
    await redis.hset(keys.incident(0, id), { status: "recovering", recovery: JSON.stringify(aRecoveryAt(0)) });
    await redis.hdel(keys.agent(0, "agent-7"), "incident");
    const recovering = { held: null, isFrozen: false, recoveringPercent: 50, incident: { id, status: "recovering" } };
    expect((await fleetStatus(world.services)).agents).toMatchObject([recovering]);
    const { incidentId } = await world.services.incidents.open(openRequest());
    expect((await fleetStatus(world.services)).agents).toMatchObject([
      { recoveringPercent: null, incident: { id: incidentId } },
    ]);
  });

  it("is nothing where it has no daily cap to halve", async () => {
    await world.admin.placeAgent("agent-7", { dailyCap: null });
    await world.contained({ kind: "reputation-drift", suspectPayee: null });
    expect(await shown()).toEqual([null, false]);
  });
});

describe("the status of a fleet in which very many are in trouble", () => {
  it("is read a hundred at a time, so that webhooks of the same process are answered in between", async () => {
    const agents = Array.from({ length: 250 }, (_, index) => `agent-${1_000 + index}`);
    await Promise.all(agents.map((agentId) => world.services.incidents.open(openRequest({ agentId }))));
    const { incidents, fleet, agentWatch, settings } = world.services;
    let asked = 0;
    let most = 0;
    const receipts: typeof incidents.receipts = async (id) => {
      asked += 1;
      most = Math.max(most, asked);
      return incidents.receipts(id).finally(() => {
        asked -= 1;
      });
    };
    const status = await fleetStatus({ incidents: { ...incidents, receipts }, fleet, agentWatch, settings });
    expect(status.agents.map(({ agentId }) => agentId).sort()).toEqual([...agents].sort());
    expect(most).toBe(100);
  });
});
