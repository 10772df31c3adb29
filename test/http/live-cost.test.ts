import { createConnection } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keys } from "../../src/redis/keys.ts";
import { listenLive } from "../support/listen-live.ts";
import { type RedisProcess, startRedis } from "../support/redis-process.ts";
import { until } from "../support/until.ts";
import { type Api, openApi, tokens } from "./api.ts";
import { bearer } from "./logging-in.ts";

const quick = { pollMs: 20, heartbeatMs: 60 };

describe("what listening costs", () => {
  // Its own Redis: the figures are a server's, whoever asks.
  let redis: RedisProcess;
  let alone: Api;
  beforeAll(async () => {
    redis = await startRedis();
    alone = await openApi({ liveLimits: quick, redisUrl: redis.url });
  });
  afterAll(async () => {
    await alone.close();
    await redis.stop();
  });
  const reads = async () => {
    const stats = await alone.services.redis.info("commandstats");
    return Number(/cmdstat_zremrangebyscore:calls=(\d+)/.exec(stats)?.[1] ?? 0);
  };

  it("is one read of Redis a poll however many listen, and none while nobody does", async () => {
    const beat = async (ofReads: number) => {
      const before = await reads();
      await until(async () => (await reads()) - before >= ofReads, "reads");
    };
    const listeners = [await listenLive(alone.url)];
    await beat(4);
    for (let more = 0; more < 9; more += 1) listeners.push(await listenLive(alone.url));
    const [before, startedAt] = [await reads(), performance.now()];
    await beat(20);
    const [made, polls] = [(await reads()) - before, (performance.now() - startedAt) / quick.pollMs];
    // Of the fleet and of the one partition.
    expect(made).toBeLessThanOrEqual(2 * Math.ceil(polls + 1));
    for (const listener of listeners) listener.close();
    await until(async () => alone.live.streams() === 0, "nobody to listen");
    // The poll that was under way when the last one left.
    await until(async () => {
      const still = await reads();
      await alone.services.redis.ping();
      return still === (await reads());
    }, "no read");
    const quiet = await reads();
    await until(async () => performance.now() - startedAt > 500, "some polls' time");
    expect(await reads()).toBe(quiet);
  });

  it("ends with a 503 where too many listen already, and goes on for the others", async () => {
    const small = await openApi({ liveLimits: { ...quick, mostStreams: 2 } });
    const [first, second] = [await listenLive(small.url), await listenLive(small.url)];
    const refused = await small.get("/api/live");
    expect(refused).toMatchObject({ status: 503, body: { type: "urn:tourniquet:problem:too-many-streams" } });
    expect(refused.headers.get("retry-after")).toBe("10");
    await small.services.changes.mark("drills");
    await first.hears("drills");
    second.close();
    await until(async () => small.live.streams() === 1, "a place");
    const third = await listenLive(small.url);
    expect(third.status).toBe(200);
    await small.close();
  });

  it("leaves places to others, whoever opens many", async () => {
    const limited = await openApi({ tokens, liveLimits: { ...quick, mostOfOne: 2 } });
    const viewer = bearer(tokens.viewer);
    const own = [await listenLive(limited.url, viewer), await listenLive(limited.url, viewer)];
    const refused = await limited.get("/api/live", viewer);
    expect([refused.status, refused.body.detail]).toEqual([503, expect.stringMatching(/2 listeners at most/)]);
    expect((await listenLive(limited.url, bearer(tokens.admin))).status).toBe(200);
    own[0]!.close();
    await until(async () => limited.live.streams() === 2, "a place");
    expect((await listenLive(limited.url, viewer)).status).toBe(200);
    await limited.close();
  });

  it("is bounded for a client that does not read: it is cut, and the others hear on", async () => {
    const small = await openApi({ liveLimits: { ...quick, pollMs: 1, mostUnreadBytes: 4_096 } });
    const reader = await listenLive(small.url);
    const deaf = createConnection(Number(new URL(small.url).port), "127.0.0.1");
    deaf.on("error", () => undefined);
    deaf.pause();
    deaf.write(`GET /api/live HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${tokens.viewer}\r\n\r\n`);
    await until(async () => small.live.streams() === 2, "both");
    const now = await small.services.clock.now();
    const many = Array.from({ length: 490 }, (_, index) => [
      String(now + 3_600_000),
      `inc-0-${"x".repeat(900)}-${index}`,
    ]);
    // Told at each poll, since it is still to come.
    await small.services.redis.zadd(keys.changed(0), ...many.flat());
    await until(async () => small.live.streams() === 1, "the deaf one to be cut", 10_000);
    expect(reader.hasEnded()).toBe(false);
    await small.services.redis.del(keys.changed(0));
    deaf.destroy();
    await small.close();
  });

  it("ends after its time: whoever may no longer look is asked again", async () => {
    const short = await openApi({ liveLimits: { ...quick, lifetimeMs: 50 } });
    const listener = await listenLive(short.url);
    await until(async () => listener.hasEnded(), "the end");
    expect(listener.lastId()).not.toBe("");
    await short.close();
  });

  it("ends also for one that reads no more, whom nothing is written to after it", async () => {
    const short = await openApi({
      liveLimits: { ...quick, pollMs: 5, lifetimeMs: 700, mostUnreadBytes: 1_000_000_000 },
    });
    const deaf = createConnection(Number(new URL(short.url).port), "127.0.0.1");
    deaf.on("error", () => undefined);
    deaf.pause();
    deaf.write(`GET /api/live HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${tokens.viewer}\r\n\r\n`);
    await until(async () => short.live.streams() === 1, "the deaf one");
    const later = (await short.services.clock.now()) + 3_600_000;
    const many = Array.from({ length: 490 }, (_, index) => [String(later), `inc-0-${"x".repeat(900)}-${index}`]);
    // Told at each poll, since it is still to come: more than the sockets take.
    await short.services.redis.zadd(keys.changed(0), ...many.flat());
    await until(async () => short.live.streams() === 0, "its end", 10_000);
    expect((await short.get("/healthz")).status).toBe(200);
    await short.services.redis.del(keys.changed(0));
    deaf.destroy();
    await short.close();
  });
});
