import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type RedisConnection, redisError, runScript } from "../../src/redis/connection.ts";
import { keys, partitionOf, tagKey } from "../../src/redis/keys.ts";
import { holdLease } from "../../src/redis/leases.ts";
import { createPace } from "../../src/redis/pace.ts";
import { newEventId, partitionOfId } from "../../src/redis/partitions.ts";
import { until } from "../support/until.ts";
import { openStores, type Stores } from "./open-stores.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(() => stores.redis.flushdb().then(() => undefined));

describe("a duty of a partition", () => {
  it("is held by one, who keeps it by asking again; others get it when it runs out", async () => {
    const hold = (owner: string, ttlMs = 60_000) => holdLease(stores.redis, 0, "ticker", owner, ttlMs);
    expect([await hold("a"), await hold("b"), await hold("a"), await hold("b")]).toEqual([true, false, true, false]);
    expect(await holdLease(stores.redis, 1, "ticker", "b", 60_000)).toBe(true);
    await hold("a", 30);
    await until(() => hold("b"), "the lease to run out");
    expect(await hold("a")).toBe(false);
  });

  it.each([
    ["second", 2],
    ["third", 3],
  ] as const)(
    "is never two's, even if it runs out and is taken right before the %s command of who has it",
    async (_, nth) => {
      const hold = (owner: string, redis = stores.redis) => holdLease(redis, 0, "ticker", owner, 60_000);
      expect(await hold("a")).toBe(true);
      const answers: boolean[] = [];
      const overtaken = beforeCommand(stores.redis, nth, async () => {
        await stores.redis.flushdb();
        answers.push(await hold("b"));
      });
      answers.push(await hold("a", overtaken));
      expect(answers.filter((isHeld) => isHeld)).toHaveLength(1);
    },
  );
});

/** The connection of a process that something happens to right before its nth command. */
function beforeCommand(redis: RedisConnection, nth: number, happens: () => Promise<void>): RedisConnection {
  let commands = 0;
  return new Proxy(redis, {
    get(target, name) {
      const command: unknown = Reflect.get(target, name);
      if (typeof command !== "function") return command;
      return async (...args: unknown[]) => {
        commands += 1;
        if (commands === nth) await happens();
        return command.apply(target, args);
      };
    },
  });
}

describe("the pace of one gateway key", () => {
  it("lets a burst through, then spaces the calls; an urgent one never waits, and the others wait the longer", async () => {
    const waits: number[] = [];
    const clock = {
      ...stores.clock,
      wait: async (ms: number) => {
        waits.push(ms);
      },
    };
    const pace = createPace(stores.redis, clock, { perSecond: 1, burst: 3, keyNameOf: (agentId) => agentId });
    const turn = (urgent = false) => pace.turn("a", { urgent });
    for (let call = 0; call < 3; call += 1) await turn();
    expect(waits).toEqual([]);
    await turn(true);
    expect(waits).toEqual([]);
    await turn();
    expect(waits).toHaveLength(1);
    expect(waits[0]).toBeGreaterThan(1_000);
    expect(waits[0]).toBeLessThanOrEqual(2_000);
    await pace.turn("b", { urgent: false });
    expect(waits).toHaveLength(1);
  });
});

describe("keys and ids", () => {
  it("put an agent into the same partition on every machine, and its ids name it", () => {
    expect(partitionOf("agent-7", 1)).toBe(0);
    expect(partitionOf(null, 16)).toBe(0);
    const partition = partitionOf("agent-7", 16);
    expect(partition).toBe(partitionOf("agent-7", 16));
    expect(partitionOfId(newEventId("agent-7", 16, "abc"))).toBe(partition);
    expect(partitionOfId(`inc-${partition}-9f86d081884c-3`)).toBe(partition);
    for (const bad of ["nonsense", "inc-x-1", ""]) expect(() => partitionOfId(bad)).toThrow(/no id of ours/);
  });

  it("spread agents over all partitions", () => {
    const hit = new Set(Array.from({ length: 400 }, (_, index) => partitionOf(`agent-${index}`, 16)));
    expect(hit.size).toBe(16);
  });

  it("of one partition lie in one slot", async () => {
    const made = [keys.agent(3, "a"), keys.holds(3, "a"), keys.pending(3), keys.incident(3, "i"), keys.window(3, "a")];
    const tags = new Set(made.map((key) => /\{(.*?)\}/.exec(key)?.[1]));
    expect(tags).toEqual(new Set([/\{(.*?)\}/.exec(tagKey(3))?.[1]]));
  });
});

describe("what Redis says when it cannot", () => {
  it.each([
    ["OOM command not allowed when used memory > 'maxmemory'.", "redis-full"],
    ["MISCONF Redis is configured to save RDB snapshots", "redis-full"],
    ["NOREPLICAS Not enough good replicas to write.", "redis-full"],
    ["Connection is closed.", "redis-unavailable"],
    ["Command timed out", "redis-unavailable"],
    ["WRONGTYPE Operation against a key holding the wrong kind of value", "internal"],
    ["ERR user_script:3: attempt to compare nil with number", "internal"],
  ])("%s is %s", (message, code) => {
    expect(redisError(new Error(message)).code).toBe(code);
  });

  it("is told apart from a script of ours that does not exist", async () => {
    await expect(runScript(stores.redis, "noSuch", tagKey(0), [])).rejects.toMatchObject({ code: "internal" });
  });
});
