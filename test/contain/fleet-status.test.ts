import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fleetStatus } from "../../src/contain/fleet-status.ts";
import { openRequest } from "../redis/open-request.ts";
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

  it("is nothing where it has no daily cap to halve", async () => {
    await world.admin.placeAgent("agent-7", { dailyCap: null });
    await world.contained({ kind: "reputation-drift", suspectPayee: null });
    expect(await shown()).toEqual([null, false]);
  });
});
