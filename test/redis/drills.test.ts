import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { DrillResult } from "../../src/incident/drills.ts";
import { readCursor } from "../../src/incident/page.ts";
import { createDrills } from "../../src/redis/drills.ts";
import { keys } from "../../src/redis/keys.ts";
import { openStores, type Stores } from "./open-stores.ts";

let stores: Stores;
let drills: ReturnType<typeof createDrills>;
beforeAll(async () => {
  stores = await openStores();
  drills = createDrills(stores.redis);
});
afterAll(() => stores.close());
beforeEach(() => stores.redis.flushdb().then(() => undefined));

const order = { wanted: ["runaway", "payee-race"], by: "ada", via: "api", version: "1.0.0" } as const;
const passed = (drill: string): DrillResult => ({
  drill,
  verdict: "passed",
  durationMs: 1_200,
  score: { lost: "0.00" },
});
const begin = async (isAlone = true) => (await drills.begin(order, { isAlone })).id;
const silentFor = async (id: string, ms: number) =>
  stores.redis.hset(keys.drill(id), "beatAt", Math.floor((await stores.clock.now()) / 1000) * 1000 - ms);

describe("a run of drills", () => {
  it("is running from its beginning on, has each result as it comes, and ends once", async () => {
    const id = await begin();
    expect(await drills.load(id)).toEqual({
      ...{ id, ...order, state: "running", startedAt: expect.any(Number), endedAt: null, results: [], problem: null },
    });
    await drills.record(id, passed("payee-race"));
    await drills.record(id, passed("runaway"));
    await drills.end(id, "passed", null);
    await drills.end(id, "interrupted", "too late");
    await drills.record(id, passed("runaway"));
    expect(await drills.load(id)).toMatchObject({
      ...{ state: "passed", endedAt: expect.any(Number), results: [passed("payee-race"), passed("runaway")] },
    });
    expect(await drills.load("drill-99")).toBeNull();
  });

  it("that nobody was heard of for 20 s is interrupted, and no sooner", async () => {
    const id = await begin();
    await silentFor(id, 19_000);
    expect(await drills.load(id)).toMatchObject({ state: "running", endedAt: null });
    await silentFor(id, 22_000);
    expect(await drills.load(id)).toMatchObject({
      ...{ state: "interrupted", endedAt: expect.any(Number), problem: "whoever ran it ended in the midst of it" },
    });
    await drills.beat(id);
    expect(await drills.load(id)).toMatchObject({ state: "running", problem: null });
  });
});

describe("two that want to run alone", () => {
  it("do not, until the first has ended or fell silent; who need not be alone always may", async () => {
    const first = await begin();
    expect(await drills.begin(order, { isAlone: true })).toEqual({ answer: "busy", id: first });
    expect(await drills.begin(order, { isAlone: false })).toEqual({ answer: "begun", id: "drill-2" });
    await drills.end("drill-2", "passed", null);
    expect(await drills.begin(order, { isAlone: true })).toEqual({ answer: "busy", id: first });
    await drills.end(first, "failed", null);
    expect(await drills.begin(order, { isAlone: true })).toEqual({ answer: "begun", id: "drill-3" });
    const left = await stores.redis.pttl("{tq:fleet}:drill-alone");
    expect(left).toBeGreaterThan(19_000);
    await stores.redis.pexpire("{tq:fleet}:drill-alone", 1_000);
    await drills.beat("drill-3");
    expect(await stores.redis.pttl("{tq:fleet}:drill-alone")).toBeGreaterThan(19_000);
  });
});

describe("the list of drills", () => {
  it("is newest first, by pages, and forgets the oldest beyond 500", async () => {
    const pipeline = stores.redis.pipeline();
    for (let index = 0; index < 500; index += 1) pipeline.zadd(keys.drills(), index, `old-${index}`);
    await pipeline.exec();
    await stores.redis.hset(keys.drill("old-0"), "said", "{}");
    const [first, second] = [await begin(false), await begin(false)];
    expect(await stores.redis.zcard(keys.drills())).toBe(500);
    expect(await stores.redis.exists(keys.drill("old-0"))).toBe(0);
    const page = await drills.page({ limit: 1, after: null });
    expect(page.rows.map(({ id }) => id)).toEqual([second]);
    expect((await drills.page({ limit: 1, after: readCursor(page.next!) })).rows.map(({ id }) => id)).toEqual([first]);
  });
});
