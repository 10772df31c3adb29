import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAging, lifetimes, type Memory } from "../../src/redis/aging.ts";
import { keys } from "../../src/redis/keys.ts";
import { openStores, type Stores } from "./open-stores.ts";

const AGENT = "agent-7";
const at = Date.parse("2024-03-01T10:00:00Z");
let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
  const entry = { at, eventId: "evt-0-1" };
  await stores.windows.observeEscrow(AGENT, { ...entry, escrowId: "esc-1", payee: "shop", amount: "5.00" });
  await stores.windows.observeOutflow(AGENT, { ...entry, transactionId: "tx-1", payee: "shop", amount: "5.00" });
  await stores.activity.observeCall(AGENT, { ...entry, what: "search" }, { most: 10, neighbours: 4 });
  await stores.activity.observeError(AGENT, { ...entry, what: "E1" }, { most: 10, windowMs: 300_000 });
  await stores.access.observe(AGENT, { ...entry, address: "::1", userAgent: "sdk" }, { authentications: 20, days: 3 });
  await stores.standing.observe(AGENT, { ...entry, score: 0.8 });
});
afterAll(() => stores.close());

describe("what is forgotten by another clock than that of Redis", () => {
  const all = (Object.keys(lifetimes) as Memory[]).flatMap((memory) =>
    lifetimes[memory].flatMap(({ ms, keysOf }) => [...keysOf(0, AGENT)].map((key) => [memory, key, ms] as const)),
  );
  it.each(all)("has the lifetime that Redis gives it: %s, %s", async (_, key, ms) => {
    const left = await stores.redis.pttl(key);
    expect(left).toBeGreaterThan(ms - 60_000);
    expect(left).toBeLessThanOrEqual(ms);
  });

  it("is gone after exactly so long without news of its kind, and what lives longer stays", async () => {
    const aging = createAging(stores.redis, 1);
    const left = () => stores.redis.exists(keys.window(0, AGENT), keys.principal(0, AGENT));
    for (const [afterMs, count] of [
      [0, 2],
      [3_599_999, 2],
      [2 * 3_600_000 - 1, 1],
      [8 * 86_400_000 + 3_600_000, 0],
    ] as const) {
      await aging.before("money", AGENT, at + afterMs);
      expect(await left()).toBe(count);
    }
  });

  it("stays as long as a window that is longer", async () => {
    const aging = createAging(stores.redis, 1);
    await aging.before("errors", AGENT, at);
    await aging.before("errors", AGENT, at + 5_000_000, 6_000_000);
    expect(await stores.redis.exists(keys.activity(0, "errors", AGENT))).toBe(1);
    await aging.before("errors", AGENT, at + 11_000_000, 6_000_000);
    expect(await stores.redis.exists(keys.activity(0, "errors", AGENT))).toBe(0);
  });
});
