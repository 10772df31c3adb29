import type { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkRedis } from "../../src/redis/check.ts";
import { connectRedis, type RedisConnection } from "../../src/redis/connection.ts";
import { type RedisProcess, startRedis } from "../support/redis-process.ts";

/** One of its own: its settings are changed here. */
let process: RedisProcess;
let redis: RedisConnection;
beforeAll(async () => {
  process = await startRedis();
  redis = connectRedis(process.url, "producer", () => undefined);
  await new Promise((ready) => redis.once("ready", ready));
});
const rules = (partitions: number) => ({ partitions, waitReplicas: 0, hasFailover: false });
afterAll(async () => {
  redis.disconnect();
  await process.stop();
});

/** The same Redis, which says that it is another version. */
const sayingVersion = (real: Redis, version: string) =>
  new Proxy(real, {
    get(target, name) {
      if (name === "info")
        return async (part: string) =>
          (await target.info(part)).replace(/redis_version:\S+/, `redis_version:${version}`);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });

const checkWith = async (setting: string, value: string, partitions = 4) => {
  const [, before] = (await redis.config("GET", setting)) as [string, string];
  await redis.config("SET", setting, value);
  try {
    return await checkRedis(redis, rules(partitions));
  } finally {
    await redis.config("SET", setting, before);
  }
};

describe("a Redis that the product starts on", () => {
  it("is taken without a word when it keeps everything", async () => {
    expect(await checkRedis(redis, rules(4))).toEqual([]);
  });

  it("is refused when it was first used with another number of partitions, and says which", async () => {
    await expect(checkRedis(redis, rules(8))).rejects.toMatchObject({
      code: "config-invalid",
      message: expect.stringContaining("set PARTITIONS=4"),
    });
  });

  it("is refused when it evicts keys", async () => {
    await expect(checkWith("maxmemory-policy", "allkeys-lru")).rejects.toMatchObject({
      code: "config-invalid",
      message: expect.stringContaining("noeviction"),
    });
  });

  it.each([
    ["6.2.14", /^Redis 6\.2\.14 is too old: take Redis 7 or newer, or Valkey$/],
    ["7.0.0", null],
    ["10.0.1", null],
  ])("is refused when it is older than 7: %s", async (version, refused) => {
    const saying = sayingVersion(redis as Redis, version);
    const checked = checkRedis(saying, rules(4));
    if (refused === null) expect(await checked).toEqual([]);
    else
      await expect(checked).rejects.toMatchObject({ code: "config-invalid", message: expect.stringMatching(refused) });
  });

  it("is warned of when it has fewer replicas than an accepted event must be on", async () => {
    const warnings = await checkRedis(redis, { partitions: 4, waitReplicas: 1, hasFailover: true });
    expect(warnings.join()).toContain("0 of the 1 replicas");
  });

  it("is warned of when a failover may lose what was accepted", async () => {
    const warnings = await checkRedis(redis, { partitions: 4, waitReplicas: 0, hasFailover: true });
    expect(warnings.join()).toContain("REDIS_WAIT_REPLICAS is 0");
  });

  it("is not taken when it does not answer", async () => {
    const gone = connectRedis("redis://127.0.0.1:1", "producer", () => undefined);
    await expect(checkRedis(gone, rules(4))).rejects.toMatchObject({ code: "redis-unavailable" });
    gone.disconnect();
  });

  it("is warned of when it may lose the last second, or everything", async () => {
    expect((await checkWith("appendfsync", "everysec")).join()).toContain("appendfsync always");
    // Last, and not put back: a Redis that begins a new file of its own does not end before it is written.
    await redis.config("SET", "appendonly", "no");
    expect((await checkRedis(redis, rules(4))).join()).toContain("keeps nothing over a restart");
  });
});
