import { describe, expect, it } from "vitest";
import { readRedisAddress, shownRedisAddress } from "../../src/settings/redis-address.ts";

describe("a REDIS_URL", () => {
  it("of one server is taken as it is written", () => {
    for (const url of ["redis://127.0.0.1:6379", "rediss://user:p%40ss@redis.example/3", "redis://:secret@[::1]:6380"])
      expect(readRedisAddress(url)).toEqual({ kind: "standalone", url });
  });

  it("of Sentinels names them, their master, a database, and both logins", () => {
    const url =
      "redis+sentinel://app:p%40ss:word@one,[::1]:26380/mymaster/2?sentinelUsername=watch&sentinelPassword=x%26y";
    expect(readRedisAddress(url)).toEqual({
      kind: "sentinel",
      tls: false,
      username: "app",
      password: "p@ss:word",
      sentinels: [
        { host: "one", port: 26_379 },
        { host: "::1", port: 26_380 },
      ],
      master: "mymaster",
      database: 2,
      sentinelLogin: { username: "watch", password: "x&y" },
    });
  });

  it("of a Cluster names some of its nodes", () => {
    expect(readRedisAddress("rediss+cluster://:secret@one,two:7001")).toEqual({
      kind: "cluster",
      tls: true,
      password: "secret",
      nodes: [
        { host: "one", port: 6_379 },
        { host: "two", port: 7_001 },
      ],
    });
  });

  it.each([
    ["localhost:6379", "must begin with redis://"],
    ["redis-sentinel://one/mymaster", "must begin with redis://"],
    ["redis://one:6379,two:6379", "must name one host"],
    ["redis:///0", "must name one host"],
    ["redis://one/mymaster", "must have a database number, or nothing"],
    ["redis+sentinel://one,two", "must name the master after the hosts"],
    ["redis+sentinel://one,two/", "must name the master after the hosts"],
    ["redis+sentinel://one/mymaster/two", "must have nothing but a database number"],
    ["redis+sentinel://one/mymaster?password=x", "must have nothing but sentinelUsername"],
    ["redis+sentinel://one,,two/mymaster", "must name hosts as host:port"],
    ["redis+sentinel://one:65536/mymaster", "must name hosts as host:port"],
    ["redis+cluster://one:0", "must name hosts as host:port"],
    ["redis+cluster://one/1", "must not name a database"],
    ["redis+cluster://one?x=1", "must have nothing after a question mark"],
    ["redis+cluster://:%zz@one", "must have its user and password percent-encoded"],
  ])("%s is refused with what to do", (url, said) => {
    expect(readRedisAddress(url)).toEqual({ kind: "mistake", message: expect.stringContaining(said) });
  });

  it.each([
    ["redis://127.0.0.1:6379", "redis://127.0.0.1:6379"],
    ["rediss://app:se:cr@et@one:1/2", "rediss://app@one:1/2"],
    ["redis+cluster://:secret@one,two", "redis+cluster://@one,two"],
    [
      "redis+sentinel://one/m?sentinelUsername=a&sentinelPassword=secret",
      "redis+sentinel://one/m?sentinelUsername=a&sentinelPassword=…",
    ],
  ])("%s is shown without its passwords", (url, shown) => {
    expect(shownRedisAddress(url)).toBe(shown);
  });
});
