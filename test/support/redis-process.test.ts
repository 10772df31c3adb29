import { Redis } from "ioredis";
import { afterEach, describe, expect, it } from "vitest";
import { type RedisProcess, startRedis } from "./redis-process.ts";

let redis: RedisProcess | undefined;
let client: Redis | undefined;

afterEach(async () => {
  client?.disconnect();
  await redis?.stop();
  redis = client = undefined;
});

describe("when Redis is killed with -9 and restarted", () => {
  it("still knows what it had answered, on the same address", async () => {
    redis = await startRedis();
    const pid = redis.pid;
    client = new Redis(redis.url, { retryStrategy: () => 20 });
    client.on("error", () => undefined);
    await client.set("kept", "yes");
    await redis.kill("SIGKILL");
    await redis.restart();
    expect(redis.pid).not.toBe(pid);
    expect(await client.get("kept")).toBe("yes");
    expect(await client.config("GET", "appendfsync", "maxmemory-policy")).toEqual(
      expect.arrayContaining(["always", "noeviction"]),
    );
  });
});

describe("when Redis is paused", () => {
  it("answers again after it was continued, and can be stopped while paused", async () => {
    redis = await startRedis();
    client = new Redis(redis.url, { commandTimeout: 200 });
    client.on("error", () => undefined);
    await client.ping();
    await redis.kill("SIGSTOP");
    await expect(client.ping()).rejects.toThrow();
    await redis.kill("SIGCONT");
    await expect.poll(() => client?.ping().catch(() => "no answer")).toBe("PONG");
    await redis.kill("SIGSTOP");
    await redis.stop();
    expect(() => process.kill(redis!.pid, 0)).toThrow();
  });
});
