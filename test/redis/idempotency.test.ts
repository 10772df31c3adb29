import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ClaimedOrder, IdempotencyKeys } from "../../src/incident/idempotency.ts";
import { sha256 } from "../../src/incident/ledger.ts";
import { createIdempotencyKeys } from "../../src/redis/idempotency.ts";
import { keys } from "../../src/redis/keys.ts";
import { openStores, type Stores } from "./open-stores.ts";

let stores: Stores;
let orders: IdempotencyKeys;
beforeAll(async () => {
  stores = await openStores();
  orders = createIdempotencyKeys(stores.redis);
});
afterAll(() => stores.close());
beforeEach(() => stores.redis.flushdb().then(() => undefined));

const key = (whose: string) => keys.idempotency(sha256(whose));
const claim = (whose: string) => orders.claim(whose, "the order");
const orderOf = async (whose: string): Promise<ClaimedOrder> => {
  const claimed = await claim(whose);
  if (claimed.answer !== "go") throw new Error(`${whose} is ${claimed.answer}`);
  return claimed.order;
};

describe("an order that somebody claimed and did not begin", () => {
  it("is in hand for ten seconds, and then nobody's: whoever claimed it comes too late to begin", async () => {
    const late = await orderOf("one");
    expect(await claim("one")).toEqual({ answer: "in-hand" });
    expect(await stores.redis.pttl(key("one"))).toBeGreaterThan(9_000);
    expect(await stores.redis.pttl(key("one"))).toBeLessThanOrEqual(10_000);
    await stores.redis.pexpire(key("one"), 0);
    expect(await late.begin()).toBe(false);
    const order = await orderOf("one");
    expect([await late.begin(), await order.begin()]).toEqual([false, true]);
  });

  it("is not taken from another by whoever gives up late", async () => {
    const late = await orderOf("one");
    await stores.redis.pexpire(key("one"), 0);
    const order = await orderOf("one");
    await Promise.all([late.release(), late.cutOff(), late.keep("{}")]);
    expect(await order.begin()).toBe(true);
    await Promise.all([late.release(), late.cutOff(), late.keep("{}")]);
    expect(await claim("one")).toEqual({ answer: "in-hand" });
    await order.keep('{"done":1}');
    expect(await claim("one")).toEqual({ answer: "done", reply: '{"done":1}' });
  });
});

describe("an order that somebody began", () => {
  it("stays begun for a day, also where nobody says what became of it", async () => {
    const order = await orderOf("one");
    await order.begin();
    expect(await stores.redis.pttl(key("one"))).toBeGreaterThan(86_390_000);
    await order.cutOff();
    expect(await claim("one")).toEqual({ answer: "outcome-unknown" });
  });
});

describe("one order at two processes", () => {
  /** Both claim, begin and do what they may; in between the claim may run out. */
  const steps = ["a", "a", "b", "b", "runs out"] as const;

  it("is begun by one of them at most, in whichever order they come and wherever a claim runs out", async () => {
    const ways = orderings(steps);
    expect(ways).toHaveLength(30);
    const begun = await Promise.all(ways.map((way, index) => beganIn(`order ${index}`, way)));
    expect(begun.filter((who) => who.length > 1)).toEqual([]);
    // Whoever is alone in time may: it is not refused to all.
    expect(begun[ways.findIndex((way) => way.join() === "a,a,b,b,runs out")]).toEqual(["a"]);
    expect(begun[ways.findIndex((way) => way.join() === "a,runs out,a,b,b")]).toEqual(["b"]);
  });

  async function beganIn(whose: string, way: readonly (typeof steps)[number][]) {
    const held = new Map<string, ClaimedOrder | null>();
    const began: string[] = [];
    for (const step of way) {
      const order = held.get(step);
      if (step === "runs out") {
        const state = await stores.redis.hget(key(whose), "state");
        if (state === "claimed") await stores.redis.pexpire(key(whose), 0);
      } else if (order === undefined) {
        const claimed = await claim(whose);
        held.set(step, claimed.answer === "go" ? claimed.order : null);
      } else if (await order?.begin()) began.push(step);
    }
    return began;
  }

  /** Every order that keeps equal steps in theirs, once. */
  function orderings<T>(rest: readonly T[]): T[][] {
    if (rest.length === 0) return [[]];
    return [...new Set(rest)].flatMap((first) => {
      const at = rest.indexOf(first);
      return orderings([...rest.slice(0, at), ...rest.slice(at + 1)]).map((way) => [first, ...way]);
    });
  }
});
