import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ActionKey } from "../../src/incident/gateway.ts";
import { keys } from "../../src/redis/keys.ts";
import { until } from "../support/until.ts";
import { openStores, type Stores } from "./open-stores.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());

const agent = "agent-7";
const action = (name: string) => `cancel:${name}` as ActionKey;
const claim = (name: string, owner: string, leaseMs = 60_000, graceMs = 60_000) =>
  stores.actions.claim(agent, action(name), owner, leaseMs, graceMs);
const finish = (name: string, fence: number, end: "done" | "retry", result = {}) =>
  stores.actions.finish(agent, action(name), fence, end, result);

describe("when one worker has claimed an action", () => {
  it("keeps everybody else out for the lease and the grace after it, by Redis's clock", async () => {
    const before = await stores.clock.now();
    expect(await claim("esc-1", "a", 40, 60)).toEqual({ answer: "go", fence: 1 });
    expect(await claim("esc-1", "b", 40, 60)).toMatchObject({ answer: "busy" });
    const next = await until(async () => {
      const answer = await claim("esc-1", "b", 40, 60);
      return answer.answer === "busy" ? null : answer;
    }, "the claim to be free");
    expect(next).toEqual({ answer: "verify", fence: 2 });
    expect((await stores.clock.now()) - before).toBeGreaterThanOrEqual(100);
  });

  it("says how long that is, and never more", async () => {
    await claim("esc-2", "a", 10_000, 35_000);
    const busy = await claim("esc-2", "b", 10_000, 35_000);
    expect(busy).toMatchObject({ answer: "busy", waitMs: expect.any(Number) });
    if (busy.answer !== "busy") return;
    expect(busy.waitMs).toBeGreaterThan(40_000);
    expect(busy.waitMs).toBeLessThanOrEqual(45_000);
  });

  it("gives the same owner its first answer again, so that a resent command changes nothing", async () => {
    const first = await claim("esc-3", "a");
    expect(await claim("esc-3", "a")).toEqual(first);
    expect(await finish("esc-3", 1, "retry")).toBe(true);
    const second = await claim("esc-3", "b");
    expect(second).toEqual({ answer: "verify", fence: 2 });
    expect(await claim("esc-3", "b")).toEqual(second);
  });
});

describe("when an action is finished", () => {
  it("tells everybody the first result, for 400 days", async () => {
    await claim("esc-4", "a");
    expect(await finish("esc-4", 1, "done", { state: "refunded" })).toBe(true);
    expect(await finish("esc-4", 1, "done", { state: "settled" })).toBe(false);
    expect(await finish("esc-4", 1, "retry")).toBe(false);
    expect(await claim("esc-4", "a")).toEqual({ answer: "done", result: { state: "refunded" } });
    expect(await claim("esc-4", "b")).toEqual({ answer: "done", result: { state: "refunded" } });
    const livesMs = await stores.redis.pttl(keys.action(0, "cancel:esc-4"));
    expect(livesMs).toBeGreaterThan(399 * 86_400_000);
  });

  it("does not take the word of a worker whose fence is over", async () => {
    await claim("esc-5", "zombie", 1, 0);
    await until(async () => (await claim("esc-5", "heir", 60_000, 0)).answer === "verify", "the zombie's lease to end");
    expect(await finish("esc-5", 1, "done", { state: "settled" })).toBe(false);
    expect(await finish("esc-5", 2, "done", { state: "refunded" })).toBe(true);
  });

  it("does not take the word of somebody who never claimed", async () => {
    expect(await finish("esc-6", 1, "done")).toBe(false);
    expect(await claim("esc-6", "a")).toEqual({ answer: "go", fence: 1 });
  });
});

describe("when the gateway certainly did nothing", () => {
  it("frees the action at once, without lease or grace, and still has the next one look first", async () => {
    await claim("esc-7", "a");
    await finish("esc-7", 1, "retry");
    expect(await claim("esc-7", "b")).toEqual({ answer: "verify", fence: 2 });
  });
});
