import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { connectRedis, type RedisConnection } from "../../src/redis/connection.ts";
import { tagKey } from "../../src/redis/keys.ts";
import { createReplicas, watchEverywhere } from "../../src/redis/replicas.ts";
import { type RedisProcess, startRedis } from "../support/redis-process.ts";
import { until } from "../support/until.ts";

const TAG = tagKey(0);
let master: RedisProcess;
let replica: RedisProcess;
let redis: RedisConnection;
beforeAll(async () => {
  // By default a master waits 5 s for more replicas before it fills the first.
  master = await startRedis({ extraArgs: ["--repl-diskless-sync-delay", "0"] });
  replica = await startRedis({ extraArgs: ["--replicaof", "127.0.0.1", String(master.port)] });
  redis = connectRedis(master.url, "producer", () => undefined);
  const follows = async () => (await redis.info("replication").catch(() => "")).includes("state=online");
  await until(follows, "the replica to follow", 15_000);
});
afterAll(async () => {
  redis.disconnect();
  await Promise.all([replica.stop(), master.stop()]);
});

const writes = () => redis.set("{tq:0}:written", "1");
const waits = async () => Number(/cmdstat_wait:calls=(\d+)/.exec(await redis.info("commandstats"))?.[1] ?? 0);

describe("what was written", () => {
  it("is confirmed when the replica has it", async () => {
    const isConfirmed = async () => {
      const replicated = createReplicas(redis, 1).watch(TAG);
      await writes();
      return replicated.may();
    };
    // A replica on a busy machine may be late for one of them.
    await until(isConfirmed, "the replica to confirm a write");
    const there = new Redis(replica.url);
    expect(await there.get("{tq:0}:written")).toBe("1");
    there.disconnect();
    await until(watchEverywhere(createReplicas(redis, 1), redis, 16), "it to be confirmed wherever one may write");
  });

  it("is confirmed for all who wrote meanwhile in one go", async () => {
    const replicas = createReplicas(redis, 1);
    const before = await waits();
    await Promise.all(
      Array.from({ length: 100 }, async () => {
        const replicated = replicas.watch(TAG);
        await writes();
        await replicated.may();
      }),
    );
    const asked = (await waits()) - before;
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThan(20);
  });

  it("is asked of nobody where no replica is wanted", async () => {
    const before = await waits();
    const replicated = createReplicas(redis, 0).watch(TAG);
    await replicated.must();
    await replicated.may();
    expect(await waits()).toBe(before);
  });

  it("is not confirmed over a connection that has not written it", async () => {
    const other = connectRedis(master.url, "worker", () => undefined) as Redis;
    await other.ping();
    const replicated = createReplicas(other, 1).watch(TAG);
    await other.set("{tq:0}:written", "2");
    other.disconnect(true);
    await until(async () => other.status === "ready", "it to be connected again");
    await expect(replicated.must()).rejects.toMatchObject({ code: "redis-unavailable" });
    other.disconnect();
  });
});

describe("while the replica does not answer", () => {
  it("nothing counts as confirmed after half a second; who may go on goes on, and does not wait again", async () => {
    await replica.kill("SIGSTOP");
    const asked = vi.spyOn(redis as Redis, "wait");
    const waited = () => asked.mock.calls.splice(0).map(([, ms]) => ms);
    const replicas = createReplicas(redis, 1);
    const replicated = replicas.watch(TAG);
    await writes();
    await expect(replicated.must()).rejects.toMatchObject({ code: "redis-unavailable" });
    expect(waited()).toEqual([500]);
    expect(await replicas.watch(TAG).may()).toBe(false);
    expect(await watchEverywhere(replicas, redis, 16)()).toBe(false);
    expect(waited()).toEqual([]);
    for (let time = 0; time < 4; time++) await expect(replicas.watch(TAG).must()).rejects.toThrow("0 of 1 replicas");
    expect(waited(), "nobody behind it waits for long").toEqual([25, 25, 25, 25]);
    asked.mockRestore();
    await replica.kill("SIGCONT");
    const again = replicas.watch(TAG);
    await writes();
    await until(
      async () =>
        again.must().then(
          () => true,
          () => false,
        ),
      "the replica to be back",
      15_000,
    );
  });
});
