import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readConfig } from "../src/config.ts";
import { beat } from "../src/heartbeat.ts";
import type { Services } from "../src/services.ts";
import { doDuty } from "../src/ticking.ts";
import { startWatchTicker, watchDuty } from "../src/watch-ticker.ts";
import { until } from "./support/until.ts";
import { createWorld, type World } from "./support/world.ts";

const TOKEN = "a-token-that-nobody-may-see";
let server: Server;
let calls: string[];
let status = 200;
beforeEach(async () => {
  calls = [];
  status = 200;
  server = createServer((request, response) => {
    calls.push(`${request.method} ${request.url}`);
    if (status !== 0) response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});
const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/ping/${TOKEN}`;
const logged: unknown[] = [];
const log = {
  info: (...line: unknown[]) => void logged.push(line),
  warn: (...line: unknown[]) => void logged.push(line),
  error: (...line: unknown[]) => void logged.push(line),
};

describe("the dead-man's switch", () => {
  it("is called with a GET", async () => {
    expect(await beat(url(), log)).toBe(true);
    expect(calls).toEqual([`GET /ping/${TOKEN}`]);
  });

  it.each([500, 302])("that answers %s is logged, and its address never", async (answer) => {
    status = answer;
    logged.length = 0;
    expect(await beat(url(), log)).toBe(false);
    expect(logged).toHaveLength(1);
    expect(JSON.stringify(logged)).not.toContain(TOKEN);
  });

  it("that is not there is logged, and its address never", async () => {
    logged.length = 0;
    expect(await beat(`http://127.0.0.1:1/${TOKEN}`, log)).toBe(false);
    expect(await beat(`https://no-such-host.invalid/${TOKEN}`, log)).toBe(false);
    expect(logged).toHaveLength(2);
    expect(JSON.stringify(logged)).not.toMatch(new RegExp(`${TOKEN}|no-such-host`));
  });

  it.each([
    ["http://hc.example/ping", "must be an https:// address"],
    ["ftp://hc.example/ping", "must be an https:// address"],
  ])("is refused at %s, without repeating it", (address, problem) => {
    const read = () => readConfig({ HEARTBEAT_URL: address });
    expect(read).toThrow(problem);
    expect(read).not.toThrow("hc.example");
    expect(readConfig({ HEARTBEAT_URL: "https://hc.example/ping?token=1" }).heartbeatUrl).toBe(
      "https://hc.example/ping?token=1",
    );
  });
});

describe("while polls and Redis work", () => {
  const keep = (services: Services, owner: string) => doDuty(services, watchDuty(services), owner);
  let world: World;
  afterEach(() => world.close());
  const open = async (settings: string) => {
    world = await createWorld({ workers: [], ticker: false, settings });
    return { ...world.services, config: { ...world.services.config, heartbeatUrl: url() } };
  };
  const isBooked = async () => (await world.services.redis.exists("{tq:0}:lease:heartbeat")) === 1;

  it("the switch is called once an interval, by one process of many", async () => {
    const services = await open("watch: { heartbeatEveryMs: 60000 }");
    for (const owner of ["one", "two", "three"]) await keep(services, owner);
    expect(await isBooked()).toBe(true);
    // Whoever leads next, because the first one died, keeps to the interval.
    await services.redis.del("{tq:0}:lease:watch");
    await keep(services, "two");
    await until(async () => calls.length > 0, "the beat");
    expect(calls).toHaveLength(1);
    await services.redis.del("{tq:0}:lease:heartbeat");
    await keep(services, "two");
    await until(async () => calls.length > 1, "the next beat");
  });

  it("it is not called once nobody manages to look at any agent", async () => {
    const services = await open("fleet: { agents: [{ id: a }, { id: b }] }");
    const { redis, clock, agentWatch } = services;
    await agentWatch.enlist(["a", "b"]);
    const longAgo = (await clock.now()) - 91_000;
    for (const agent of ["a", "b"]) await redis.hset(`{tq:0}:watch:${agent}`, "since", longAgo);
    await keep(services, "one");
    expect(await isBooked()).toBe(false);
    await redis.hset("{tq:0}:watch:b", "wholeAt", longAgo + 10_000);
    await keep(services, "one");
    expect(await isBooked()).toBe(true);
  });

  it("it is called by the ticker of a worker", async () => {
    const ticker = startWatchTicker(await open("watch: { heartbeatEveryMs: 60000 }"));
    expect(await until(async () => calls[0], "the first beat")).toBe(`GET /ping/${TOKEN}`);
    ticker.stop();
  });
});
