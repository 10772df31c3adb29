import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keys } from "../../src/redis/keys.ts";
import { reloadSettings } from "../../src/reload.ts";
import { openRequest } from "../redis/open-request.ts";
import { listenLive } from "../support/listen-live.ts";
import { startRedis } from "../support/redis-process.ts";
import { until } from "../support/until.ts";
import { type Api, openApi, tokens } from "./api.ts";

const quick = { pollMs: 20, heartbeatMs: 60 };

let api: Api;
let other: Api;
beforeAll(async () => {
  api = await openApi({ liveLimits: quick });
  other = await openApi({ liveLimits: quick });
});
afterAll(() => Promise.all([api.close(), other.close()]));

const opened = async (agentId: string) => (await api.services.incidents.open(openRequest({ agentId }))).incidentId;

describe("a browser that listens to /api/live", () => {
  it("is told of an incident as it opens and changes, by its id and when, past every cache and proxy", async () => {
    const listener = await listenLive(api.url);
    expect(listener).toMatchObject({
      status: 200,
      headers: {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-cache, no-store, no-transform",
        "x-accel-buffering": "no",
      },
    });
    await until(async () => /^retry: \d+$/m.test(listener.text()), "the beginning");
    const id = await opened("live-1");
    const { data } = await listener.hears("incident", (one) => one.id === id);
    expect(Math.abs(Date.now() - Date.parse(data.at!))).toBeLessThan(5_000);
    const before = listener.events.length;
    await api.services.incidents.note(id, "contain", "looked", {});
    await until(async () => listener.events.slice(before).some((one) => one.data.id === id), "the note");
    listener.close();
  });

  it("is told of each other thing by the name of what there is to read anew", async () => {
    const listener = await listenLive(api.url);
    const { silences, breakers, fleet, changes } = api.services;
    const said = { by: "ada", reason: "a test", from: Date.now(), until: Date.now() + 60_000 };
    await silences.add({ ...said, agent: undefined, signal: undefined, holdsContainment: false } as never);
    await listener.hears("fleet");
    const fleetEvents = () => listener.events.filter(({ name }) => name === "fleet").length;
    for (const change of [
      () => fleet.beginShutdown("ada", "a test"),
      async () => fleet.endShutdown((await fleet.shutdown())!),
      () =>
        breakers.report("live-2", { failures: 1, openMs: 1_000, probeMs: 1_000 }, { outcome: "failure", probe: null }),
    ]) {
      const before = fleetEvents();
      await change();
      await until(async () => fleetEvents() > before, "the fleet's change");
    }
    const asked = { role: "admin", credential: "a test", via: "api", action: "x", target: "", fields: {} } as const;
    const order = { wanted: ["runaway"], by: "ada", via: "cli", version: "1" } as const;
    const happens = {
      "dead-letters": () => changes.mark("dead-letters"),
      tunings: () => changes.mark("tunings"),
      drills: () => api.services.drills.begin(order, { isAlone: false }),
      settings: async () => reloadSettings(api.services, {}),
      audit: () => api.services.audit.begin({ ...asked, by: "ada" }),
    };
    for (const [topic, happen] of Object.entries(happens)) {
      await happen();
      expect(await listener.hears(topic)).toEqual({ name: topic, data: { at: expect.stringMatching(/Z$/) } });
    }
    listener.close();
  });

  it("hears a heartbeat with an id while nothing happens, so that it can come back after any quiet time", async () => {
    const listener = await listenLive(api.url);
    await until(async () => /^: heartbeat\nid: \d+$/m.test(listener.text()), "a heartbeat");
    expect(Number(listener.lastId())).toBeLessThanOrEqual(await api.services.clock.now());
    listener.close();
  });

  it("needs the role of a viewer where tokens are configured", async () => {
    const closed = await openApi({ tokens });
    expect((await closed.get("/api/live")).status).toBe(401);
    const listener = await listenLive(closed.url, { authorization: `Bearer ${tokens.viewer}` });
    expect(listener.status).toBe(200);
    listener.close();
    await closed.close();
  });
});

describe("a browser that comes back with the last id it has", () => {
  it("is told by another process of what it missed, and of nothing else", async () => {
    const first = await listenLive(api.url);
    const before = await opened("live-3");
    await first.hears("incident", ({ id }) => id === before);
    const id = first.lastId();
    first.close();
    const missed = await opened("live-4");
    const second = await listenLive(other.url, { "last-event-id": id });
    await second.hears("incident", (data) => data.id === missed);
    expect(second.events.some(({ name }) => name === "resync")).toBe(false);
    expect(second.events.filter(({ data }) => data.id === before)).toEqual([]);
    second.close();
  });

  it.each([
    ["just within the hour that is kept", 3_590_000, false],
    ["longer ago", 3_610_000, true],
  ])("%s: reads everything anew only where it must", async (_name, agoMs, resyncs) => {
    const now = await api.services.clock.now();
    const listener = await listenLive(api.url, { "last-event-id": String(now - agoMs) });
    await until(async () => listener.lastId() !== "", "the beginning");
    expect(listener.events.some(({ name }) => name === "resync")).toBe(resyncs);
    listener.close();
  });

  it("reads everything anew where its id is none of ours", async () => {
    const listener = await listenLive(api.url, { "last-event-id": "made-up" });
    expect(await listener.hears("resync")).toEqual({ name: "resync", data: {} });
    listener.close();
  });

  it("reads everything anew where more changed than anybody reads one by one", async () => {
    const id = (await api.services.clock.now()) - 1;
    const ids = Array.from({ length: 600 }, (_, index) => [String(id + 1), `inc-0-many-${index}`]);
    await api.services.redis.zadd(keys.changed(0), ...ids.flat());
    const listener = await listenLive(api.url, { "last-event-id": String(id) });
    expect(await listener.hears("resync")).toEqual({ name: "resync", data: {} });
    await api.services.redis.del(keys.changed(0));
    listener.close();
  });
});

describe("when the process is asked to stop", () => {
  it("every stream ends at once, and nobody is waited for", async () => {
    const leaving = await openApi({ liveLimits: quick });
    const listener = await listenLive(leaving.url);
    leaving.live.close();
    await until(async () => listener.hasEnded(), "the end");
    // Nobody cut it: it has ended while the server itself still answers.
    expect((await leaving.get("/healthz")).status).toBe(200);
    await leaving.close();
  });
});

describe("when Redis is away", () => {
  it("the stream stays, says that what is shown may be old, and once Redis is back that everything is to be read anew", async () => {
    const redis = await startRedis();
    const away = await openApi({ redisUrl: redis.url, tokens, liveLimits: { ...quick, answerMs: 200 } });
    const viewer = { authorization: `Bearer ${tokens.viewer}` };
    const listener = await listenLive(away.url, viewer);
    await redis.stop();
    await listener.hears("stale");
    const late = await listenLive(away.url, viewer);
    await late.hears("stale");
    const again = await startRedis({ port: redis.port });
    await listener.hears("resync");
    await late.hears("resync");
    await away.services.changes.mark("tunings");
    await listener.hears("tunings");
    expect(listener.events.filter(({ name }) => name === "stale")).toHaveLength(1);
    expect(away.lines.filter((line) => line.includes("live.stale"))).toHaveLength(1);
    await away.close();
    await again.stop();
  });
});
