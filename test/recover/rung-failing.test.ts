import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { freeze } from "../../src/contain/freeze.ts";
import { TourniquetError } from "../../src/errors.ts";
import { money } from "../../src/incident/money.ts";
import { aSignal } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { abort, agentId, type RecoveringModel, recoveringModel } from "./recovering-model.ts";
import { HOUR_MS } from "./recovering-world.ts";

let stores: Stores;
let one: RecoveringModel;
let heal: () => void;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(async () => {
  one = await recoveringModel(stores);
});

/** The gateway refuses to set caps until it is healed. */
function refuse(): void {
  const { setBudget } = one.model.gateway;
  heal = () => {
    one.model.gateway.setBudget = setBudget;
  };
  one.model.gateway.setBudget = async () => ({
    outcome: "not-done",
    error: new TourniquetError("gateway-refused", "403 this key may not set budgets"),
  });
}
const recovery = async () => (await stores.recoveries.load(one.id))!;
const told = () => one.pages().filter((page) => page.includes("rung-failing"));
const timeline = async () => (await stores.incidents.view(one.id))!.timeline.map(({ what }) => what);
const tries = (): Promise<string> => one.run().catch((error: TourniquetError) => error.message);

describe("a rung that the gateway does not take", () => {
  it("is told after the first try, once, and tried on until it is taken", async () => {
    refuse();
    for (let i = 0; i < 5; i += 1) expect(await tries()).toContain("403 this key may not set budgets");
    expect(told()).toEqual([`page-${one.id}-rung-failing-0-0`]);
    expect((await timeline()).filter((what) => what === "rung-failing")).toHaveLength(1);
    heal();
    expect(await one.run()).toBe("rung-taken");
    expect([one.daily(), (await recovery()).failing]).toEqual(["250.00", null]);
  });

  it("is told again of the next rung, which is another one", async () => {
    refuse();
    await tries();
    heal();
    await one.run();
    await one.pass(6 * HOUR_MS);
    refuse();
    await tries();
    expect(told()).toEqual([`page-${one.id}-rung-failing-0-0`, `page-${one.id}-rung-failing-1-0`]);
  });

  it("is told where the gateway did not answer at all", async () => {
    one.model.gateway.setBudget = async () => ({
      outcome: "unknown",
      error: new TourniquetError("gateway-failed", "timeout"),
    });
    await tries();
    expect(told()).toHaveLength(1);
  });

  it("is not told where only another write of ours is on its way", async () => {
    await one.run();
    await one.pass(6 * HOUR_MS);
    const { loweringLeft } = one.ports.caps;
    one.ports.caps.loweringLeft = async () => 60_000;
    expect(await tries()).toContain("still on its way");
    expect(told()).toEqual([]);
    one.ports.caps.loweringLeft = loweringLeft;
    expect(await one.run()).toBe("rung-taken");
  });
});

describe("an agent that raises its own caps while a rung is not taken", () => {
  const job = () =>
    one.ports.dispatch.added.findLast(({ queue, jobId }) => queue === "freeze" && jobId.startsWith("freeze-sig"));

  it("is seen before the first rung, and contained anew", async () => {
    refuse();
    await tries();
    one.model.caps = { ...one.model.caps, dailyCap: money("250.01") };
    expect(await tries()).toBe("contained-anew");
    heal();
    await freeze(one.ports, job()!.data as Parameters<typeof freeze>[1], abort);
    expect(one.daily()).toBe("0.00");
  });

  it("is none where they are the rung's: that landed without an answer, and counts as taken", async () => {
    refuse();
    await tries();
    one.model.caps = { ...one.model.caps, dailyCap: money("250.00"), monthlyCap: money("7500.00") };
    expect(await tries()).toBe("rung-taken");
    expect((await recovery()).stepBacks).toBe(0);
  });

  it("is none where a step back is what the gateway does not take: the caps are still those of the rung before it", async () => {
    await one.run();
    await one.pass(6 * HOUR_MS);
    await one.run();
    refuse();
    const signal = aSignal({ agentId, kind: "error-spike", severity: "warning" });
    await stores.verdicts.keep({ signal, tier: "alert-human", decidedBy: "default policy" });
    for (let i = 0; i < 3; i += 1) expect(await tries()).toContain("403");
    expect(await recovery()).toMatchObject({ stepBacks: 1, pending: 0, rung: 1 });
    heal();
    expect(await one.run()).toBe("stepped-back");
    expect(one.daily()).toBe("250.00");
  });

  it("is put back between two rungs, as soon as the gateway takes it", async () => {
    await one.run();
    await one.pass(6 * HOUR_MS);
    await one.run();
    await one.pass(18 * HOUR_MS);
    refuse();
    await tries();
    one.model.caps = { ...one.model.caps, dailyCap: money("375.00") };
    expect(await tries()).toContain("403");
    expect((await recovery()).stepBacks).toBe(0);
    one.model.caps = { ...one.model.caps, dailyCap: null };
    expect(await tries()).toContain("403");
    expect(await recovery()).toMatchObject({ stepBacks: 1, pending: 0, rung: 1 });
    heal();
    expect(await one.run()).toBe("stepped-back");
    expect(one.daily()).toBe("250.00");
  });
});
