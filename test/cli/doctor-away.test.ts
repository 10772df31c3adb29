import { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/config.ts";
import { eventTypes } from "../../src/detect/events/index.ts";
import { diagnose } from "../../src/doctor/doctor.ts";
import type { DoctorPorts } from "../../src/doctor/item.ts";
import { items } from "../../src/doctor/items/index.ts";
import { feeds } from "../../src/doctor/items/signals.ts";
import { openDoctor } from "../../src/doctor/open.ts";
import { readSettings } from "../../src/settings/settings.ts";
import { startRedis } from "../support/redis-process.ts";

const fleet = "fleet: { agents: [{ id: a }, { id: b }] }";

describe("a Redis that may forget", () => {
  it.each([
    ["appendfsync", "everysec", "warn", /appendfsync always/],
    ["appendonly", "no", "fail", /appendonly yes/],
    ["maxmemory", "3mb", "fail", /Raise maxmemory/],
    ["maxmemory-policy", "allkeys-lru", "fail", /Set it so in the configuration of Redis/],
  ])("by %s %s: %s, with how to mend it", async (setting, value, state, mend) => {
    const redis = await startRedis();
    const client = new Redis(redis.url);
    await client.set("filling", "x".repeat(2_500_000));
    await client.config("SET", setting, value);
    const { ports, close } = await openDoctor(readConfig({ REDIS_URL: redis.url }), readSettings(undefined, {}), false);
    const { findings } = await diagnose(
      ports,
      items.filter(({ id }) => id === "redis"),
    );
    await close();
    client.disconnect();
    await redis.stop();
    expect(findings[0]!.state).toBe(state);
    expect(findings[0]!.mend).toMatch(mend);
  });
});

describe("with Redis or the gateway away", () => {
  it("what needs them fails, and the rest is measured", async () => {
    const env = {
      REDIS_URL: "redis://127.0.0.1:1",
      GREENHELIX_BASE_URL: "http://127.0.0.1:1",
      GREENHELIX_API_KEY: "k",
    };
    const { ports, close } = await openDoctor(readConfig(env), readSettings(fleet, {}), false, 100);
    const { findings, isReady, counts } = await diagnose(ports, items);
    await close();
    const by = (id: string) => findings.find((finding) => finding.id === id)!;
    expect(isReady).toBe(false);
    expect(counts.fail).toBeGreaterThan(8);
    expect(by("redis")).toMatchObject({ state: "fail", found: expect.stringContaining("ECONNREFUSED") });
    expect(by("workers")).toMatchObject({
      state: "fail",
      found: "not measured: it needs Redis",
      mend: expect.stringContaining("item redis"),
    });
    expect(by("sources")).toMatchObject({ state: "fail", found: expect.stringContaining("12 of 12 reads failed") });
    expect([by("mode").state, by("profile").state, by("settings").state]).toEqual(["ok", "ok", "ok"]);
    for (const { state, mend } of findings) expect(mend === null).toBe(state === "ok");
  });

  it("an item that never answers has a deadline of its own", async () => {
    const slow = { ...items[0]!, id: "slow", deadlineMs: 20, measure: () => new Promise<never>(() => undefined) };
    const { findings } = await diagnose({} as DoctorPorts, [slow]);
    expect(findings).toMatchObject([{ state: "fail", found: "not measured: no answer within 0.02 s" }]);
  });
});

describe("what feeds signals", () => {
  it("are events that the product knows", () => {
    const known = eventTypes.map(({ names }) => names[0]);
    for (const { events } of Object.values(feeds)) for (const event of events) expect(known).toContain(event);
  });
});
