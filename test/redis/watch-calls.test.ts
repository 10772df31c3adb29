import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createCallBudget } from "../../src/redis/watch-calls.ts";
import { openStores, type Stores } from "./open-stores.ts";

let stores: Stores;
beforeEach(async () => {
  stores = await openStores();
});
afterEach(() => stores.close());

const budget = (perHour: number | undefined) =>
  createCallBudget(stores.redis, { perHour: () => perHour, keyNameOf: (agentId) => agentId.split("/")[0]! });
const one = [{ calls: 1, floor: 0 }];

/** Time that passed, as the bucket sees it: its last look lies so much earlier. */
const pass = async (ms: number, key = "k") => {
  const at = Number(await stores.redis.hget(`{tq:fleet}:calls:${key}`, "at"));
  await stores.redis.hset(`{tq:fleet}:calls:${key}`, "at", String(at - ms));
};

describe("the calls of polling", () => {
  it("are in any hour no more than the key's share: what was saved up counts too", async () => {
    const calls = budget(300);
    let made = 0;
    for (let second = 0; second <= 3_600; second += 60) {
      while ((await calls.take("k", one)).reads === 1) made += 1;
      await pass(60_000);
    }
    // The inflow of the milliseconds that the test itself takes is less than one call.
    expect(made).toBeLessThanOrEqual(301);
    expect(made).toBeGreaterThanOrEqual(299);
  });

  it("leave out the less important reads first, then all", async () => {
    const calls = budget(1_200);
    const reads = [
      { calls: 2, floor: 0 },
      { calls: 1, floor: 0 },
      { calls: 1, floor: 0.3 },
      { calls: 1, floor: 0.7 },
    ];
    const granted: number[] = [];
    for (let look = 0; look < 40; look += 1) granted.push((await calls.take("k", reads)).reads);
    expect(granted).toEqual([...granted].sort((a, b) => b - a));
    expect(new Set(granted)).toEqual(new Set([4, 3, 2, 0]));
    const refused = await calls.take("k", reads);
    expect(refused.reads).toBe(0);
    // 1,100 flow in per hour: two calls are there after 6.5 s at the latest.
    expect(refused.waitMs).toBeGreaterThan(0);
    expect(refused.waitMs).toBeLessThanOrEqual(6_600);
    await pass(refused.waitMs);
    expect((await calls.take("k", reads)).reads).toBe(1);
  });

  it("that turn out to be more are owed, and fewer are given back", async () => {
    const calls = budget(240);
    expect((await calls.take("k", [{ calls: 20, floor: 0 }])).reads).toBe(1);
    await calls.settle("k", -1);
    expect((await calls.take("k", one)).reads).toBe(1);
    await calls.settle("k", 5);
    await pass(60_000);
    expect((await calls.take("k", one)).reads).toBe(0);
    await pass(60_000);
    expect((await calls.take("k", one)).reads).toBe(1);
  });

  it("of one key are nobody else's", async () => {
    const calls = budget(240);
    while ((await calls.take("k", one)).reads === 1);
    expect((await calls.take("k/other agent", one)).reads).toBe(0);
    expect((await calls.take("another", one)).reads).toBe(1);
  });

  it("know no limit where none is set, until the gateway says 429", async () => {
    const calls = budget(undefined);
    for (let look = 0; look < 500; look += 1) expect((await calls.take("k", one)).reads).toBe(1);
    const waits = [await calls.backOff("k", undefined)];
    expect(await calls.take("k", one)).toMatchObject({ reads: 0 });
    expect(await calls.backOff("k", undefined), "refused together").toBeLessThanOrEqual(15_000);
    for (let strike = 0; strike < 8; strike += 1) {
      await stores.redis.hset("{tq:fleet}:calls:k", "blockedUntil", "0");
      waits.push(await calls.backOff("k", undefined));
    }
    expect(waits).toEqual([15_000, 30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000, 600_000]);
    await stores.redis.hset("{tq:fleet}:calls:k", "blockedUntil", "0");
    await calls.settle("k", 0);
    expect(await calls.backOff("k", undefined)).toBe(15_000);
    await stores.redis.hset("{tq:fleet}:calls:k", "blockedUntil", "0");
    expect(await calls.backOff("k", 900_000), "as the gateway asked").toBe(900_000);
  });
});
