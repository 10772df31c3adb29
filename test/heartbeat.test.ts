import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readConfig } from "../src/config.ts";
import { beat } from "../src/heartbeat.ts";
import { startWatchTicker } from "../src/watch-ticker.ts";
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
  let world: World;
  afterEach(() => world.close());
  const started = async (settings: string) => {
    world = await createWorld({ workers: [], ticker: false, settings });
    return startWatchTicker({ ...world.services, config: { ...world.services.config, heartbeatUrl: url() } });
  };

  it("the switch is called once an interval, by one process of many", async () => {
    const first = await started("watch: { heartbeatEveryMs: 1000 }");
    const more = [1, 2].map(() =>
      startWatchTicker({ ...world.services, config: { ...world.services.config, heartbeatUrl: url() } }),
    );
    await until(async () => calls.length > 0, "the first beat");
    const keys = await world.services.redis.keys("{tq:0}:lease:*");
    expect(keys.sort()).toEqual(["{tq:0}:lease:heartbeat", "{tq:0}:lease:watch"]);
    expect(calls).toHaveLength(1);
    for (const ticker of [first, ...more]) ticker.stop();
  });

  it("it is not called once nobody manages to look at any agent", async () => {
    const ticker = await started("fleet: { agents: [{ id: a }] }\nwatch: { heartbeatEveryMs: 1000 }");
    const { redis, clock, agentWatch } = world.services;
    await agentWatch.enlist(["a"]);
    await redis.hset("{tq:0}:watch:a", "since", (await clock.now()) - 600_000);
    await until(async () => (await world.services.verdicts.recent(1)).length > 0, "that it is told of");
    expect(calls).toEqual([]);
    ticker.stop();
  });
});
