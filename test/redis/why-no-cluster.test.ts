import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectRedis } from "../../src/redis/connection.ts";
import { reachRedis } from "../../src/redis/reach.ts";
import { type RedisProcess, startRedis } from "../support/redis-process.ts";

describe("a Redis Cluster that cannot be reached is told of with its reason", () => {
  let node: RedisProcess;
  beforeAll(async () => {
    node = await startRedis({ extraArgs: ["--cluster-enabled", "yes"] });
  });
  afterAll(() => node.stop());

  const said = async (url: string) => {
    const redis = connectRedis(url, "producer", () => undefined);
    const failed = await reachRedis(redis, url, 300).then(
      () => "reached",
      (error: Error) => error.message,
    );
    redis.disconnect();
    return failed;
  };
  const address = () => `127.0.0.1:${node.port}`;

  it("that has given no slot to anybody", async () => {
    expect(await said(`redis+cluster://${address()}`)).toContain("create the cluster");
  });

  it("of one node that knows no address of its own", async () => {
    const client = new Redis(node.url);
    await client.cluster("ADDSLOTSRANGE", 0, 16_383);
    client.disconnect();
    expect(await said(`redis+cluster://${address()}`)).toContain("cluster-announce-ip");
  });

  it("that is not there", async () => {
    expect(await said("redis+cluster://127.0.0.1:9")).toContain("ECONNREFUSED");
  });
});
