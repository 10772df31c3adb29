import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { contain } from "../../src/contain/contain.ts";
import { TourniquetError } from "../../src/errors.ts";
import type { BudgetCaps } from "../../src/incident/gateway.ts";
import { money } from "../../src/incident/money.ts";
import { keys } from "../../src/redis/keys.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { containedTrouble } from "./model.ts";
import { abort, agentId, type RecoveringModel, recoveringModel } from "./recovering-model.ts";
import { HOUR_MS } from "./recovering-world.ts";

let stores: Stores;
let one: RecoveringModel;
/** What the second rung would set; the gateway took it, and nobody ever heard of it. */
let unanswered: BudgetCaps | null;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(async () => {
  one = await recoveringModel(stores);
  unanswered = null;
  const { setBudget } = one.model.gateway;
  one.model.gateway.setBudget = async (...args) => {
    const [, caps] = args;
    if (caps.dailyCap !== money("375.00") || unanswered) return setBudget(...args);
    unanswered = caps;
    return { outcome: "unknown", error: new TourniquetError("gateway-timeout", "no answer in time") };
  };
});

/** The raise of the second rung is out and unanswered, and new trouble froze the agent since. */
async function frozenWhileARaiseIsOut(): Promise<string> {
  await one.run();
  await one.pass(6 * HOUR_MS);
  await expect(one.run()).rejects.toMatchObject({ code: "step-failed" });
  return containedTrouble(one.ports, agentId, abort);
}
const holdIt = (incidentId: string) => contain(one.ports, { incidentId }, abort);
const timeline = async (id: string) => (await stores.incidents.view(id))!.timeline.map(({ what }) => what);
const nextLookInMs = async (id: string) =>
  Number(await stores.redis.zscore(keys.attention(0), id)) - (await stores.clock.now());

describe("a raise of ours that takes effect after the agent was frozen anew", () => {
  it("is put back and noted as ours: no breach, no page", async () => {
    const id = await frozenWhileARaiseIsOut();
    one.model.caps = unanswered!;
    await holdIt(id);
    expect(one.daily()).toBe("0.00");
    expect(await timeline(id)).toContain("late-raise-undone");
    expect(await timeline(id)).not.toContain("hold-breached");
    expect((await stores.incidents.load(id))?.reassertions).toBe(0);
    expect(one.pages().filter((page) => page.includes("hold-breached"))).toEqual([]);
  });

  it("is looked for every 1.5 s as long as it may land, and as ever afterwards", async () => {
    const id = await frozenWhileARaiseIsOut();
    expect(await nextLookInMs(id)).toBeLessThanOrEqual(1_500);
    await holdIt(id);
    expect(await nextLookInMs(id)).toBeLessThanOrEqual(1_500);
    one.model.caps = unanswered!;
    await holdIt(id);
    await holdIt(id);
    expect(await nextLookInMs(id)).toBeGreaterThan(8_000);
  });

  it("is no excuse for other caps, nor for the same ones a second time", async () => {
    const id = await frozenWhileARaiseIsOut();
    one.model.caps = { ...unanswered!, dailyCap: money("375.01") };
    await holdIt(id);
    expect((await stores.incidents.load(id))?.reassertions).toBe(1);
    for (const breaches of [1, 2]) {
      one.model.caps = unanswered!;
      await holdIt(id);
      expect(one.daily()).toBe("0.00");
      expect((await stores.incidents.load(id))?.reassertions).toBe(breaches);
    }
  });

  it("is none once it stands: the same caps are somebody else's doing then", async () => {
    await one.run();
    const id = await containedTrouble(one.ports, agentId, abort);
    one.model.caps = { ...one.model.caps, dailyCap: money("250.00"), monthlyCap: money("7500.00") };
    await holdIt(id);
    expect((await stores.incidents.load(id))?.reassertions).toBe(1);
  });
});
