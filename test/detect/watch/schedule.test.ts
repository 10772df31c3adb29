import { afterEach, describe, expect, it } from "vitest";
import { keepWatch } from "../../../src/detect/watch/schedule.ts";
import { keys } from "../../../src/redis/keys.ts";
import { partitionOf } from "../../../src/redis/partitions.ts";
import { readSettings } from "../../../src/settings/settings.ts";
import { tellingOf } from "../../redis/deliveries.ts";
import { until } from "../../support/until.ts";
import { AGENT, type Looks, openLooks } from "./looks.ts";

let looks: Looks;
afterEach(() => looks.close());

const keep = (partition = 0, settings = looks.world.services.settings, upMs = 3_600_000) =>
  keepWatch({ ...looks.world.services, settings }, partition, upMs);
const schedulers = async (partition = 0) =>
  (await looks.world.services.queues.of("watch", partition).getJobSchedulers(0, -1)).map(({ key, every }) => [
    key,
    Number(every),
  ]);
/** As if the look had been then. */
const lookedAt = (agentId: string, ms: number) =>
  looks.world.services.redis.hset(`{tq:0}:watch:${agentId}`, "wholeAt", ms, "beganAt", ms);

describe("what is polled", () => {
  it("is every agent of the file, those that webhooks told of, the bus and our webhook, each as often as it should", async () => {
    looks = await openLooks({ settings: "fleet: { agents: [{ id: a }, { id: b, value: low }] }" });
    await looks.world.services.inbox.accept(tellingOf("seen"));
    await keep();
    expect(new Map((await schedulers()) as [string, number][])).toEqual(
      new Map([
        ["look-a", 30_000],
        ["look-b", 300_000],
        ["look-seen", 300_000],
        ["bus", 30_000],
        ["webhooks", 3_600_000],
      ]),
    );
  });

  it("follows the settings when they change", async () => {
    looks = await openLooks({ settings: "fleet: { agents: [{ id: a }, { id: b }] }" });
    await keep();
    await keep(0, readSettings("fleet: { agents: [{ id: b, value: low }, { id: c }] }", {}));
    const looking = (await schedulers()).filter(([key]) => String(key).startsWith("look-"));
    expect(Object.fromEntries(looking)).toEqual({ "look-b": 300_000, "look-c": 30_000 });
  });

  it("is at most so many agents that no file names, however many the file does", async () => {
    looks = await openLooks({ settings: "fleet: { agents: [{ id: a }, { id: b }] }\nwatch: { seenAgents: 1 }" });
    const { inbox, clock } = looks.world.services;
    for (const agent of ["older", "newer", "a", "b"]) {
      await inbox.accept(tellingOf(agent));
      const heardAt = await clock.now();
      await until(async () => ((await clock.now()) > heardAt ? true : null), "another millisecond");
    }
    await keep();
    expect((await schedulers()).map(([key]) => key).sort()).toEqual([
      "bus",
      "look-a",
      "look-b",
      "look-newer",
      "webhooks",
    ]);
  });

  it("lies in each agent's own partition, and the fleet's own in the first", async () => {
    const agents = ["a", "b", "c", "d", "e", "f"];
    const fleet = agents.map((id) => `{ id: ${id} }`).join(", ");
    looks = await openLooks({ settings: `fleet: { agents: [${fleet}] }`, partitions: 3 });
    for (const partition of [0, 1, 2]) await keep(partition);
    const all = await Promise.all([0, 1, 2].map(schedulers));
    expect(
      all
        .flat()
        .map(([key]) => key)
        .sort(),
    ).toEqual(["bus", ...agents.map((id) => `look-${id}`), "webhooks"]);
    expect(all[0]!.map(([key]) => key)).toEqual(expect.arrayContaining(["bus", "webhooks"]));
    expect(all.every((own) => own.length > 0)).toBe(true);
  });

  it("is spread over the interval", async () => {
    const fleet = Array.from({ length: 20 }, (_, n) => `{ id: agent-${n} }`).join(", ");
    looks = await openLooks({ settings: `fleet: { agents: [${fleet}] }` });
    await keep();
    const found = await looks.world.services.queues.of("watch", 0).getJobSchedulers(0, -1);
    const starts = found
      .filter(({ key }) => key.startsWith("look-"))
      .map(({ next }) => Math.floor(Number(next) / 5_000));
    expect(new Set(starts).size).toBeGreaterThanOrEqual(4);
  });
});

/** As the scripts of recovery leave it. */
const recovers = (agentId: string, normalAt: number) =>
  looks.world.services.redis.zadd("{tq:0}:recovering", normalAt, agentId);
const isBack = (agentId: string) => looks.world.services.redis.zrem("{tq:0}:recovering", agentId);

describe("an agent whose incident is recovering (R2)", () => {
  it("is polled every 30 s at the next round, until it is over, and then as on other days", async () => {
    looks = await openLooks({ settings: "fleet: { agents: [{ id: a, value: low }] }" });
    await keep();
    const { clock } = looks.world.services;
    await recovers("a", (await clock.now()) + 172_800_000);
    await recovers("stranger", (await clock.now()) - 1);
    await keep();
    expect(Object.fromEntries(await schedulers())).toMatchObject({ "look-a": 30_000, "look-stranger": 30_000 });
    await isBack("a");
    await isBack("stranger");
    await keep();
    expect(Object.fromEntries(await schedulers())).toMatchObject({ "look-a": 300_000 });
    expect((await schedulers()).map(([key]) => key)).not.toContain("look-stranger");
  });

  it("is found in whatever partition it lies", async () => {
    const agents = ["a", "b", "c", "d"];
    looks = await openLooks({
      settings: `fleet: { agents: [${agents.map((id) => `{ id: ${id}, value: low }`).join(", ")}] }`,
      partitions: 3,
    });
    const { redis } = looks.world.services;
    for (const agent of agents) await redis.zadd(keys.recovering(partitionOf(agent, 3)), 1, agent);
    for (const partition of [0, 1, 2]) await keep(partition);
    const all = (await Promise.all([0, 1, 2].map(schedulers)))
      .flat()
      .filter(([key]) => String(key).startsWith("look-"));
    expect(Object.fromEntries(all)).toEqual(Object.fromEntries(agents.map((id) => [`look-${id}`, 30_000])));
  });

  it("is late by the closer interval only from when it began to count, each time anew", async () => {
    looks = await openLooks({ settings: `fleet: { agents: [{ id: ${AGENT}, value: low }] }` });
    const { redis, clock } = looks.world.services;
    await keep();
    const now = await clock.now();
    await lookedAt(AGENT, now - 240_000);
    await recovers(AGENT, now);
    expect(await keep()).toMatchObject({ isSound: true });
    await redis.zadd("{tq:0}:watch-tight", now - 89_000, AGENT);
    expect(await keep()).toMatchObject({ isSound: true });
    expect(await looks.failures()).toEqual([]);
    await redis.zadd("{tq:0}:watch-tight", now - 91_000, AGENT);
    await isBack(AGENT);
    await keep();
    await recovers(AGENT, now);
    await keep();
    expect(await looks.failures()).toEqual([]);
    await redis.zadd("{tq:0}:watch-tight", now - 91_000, AGENT);
    expect(await keep()).toMatchObject({ isSound: false });
    expect(await looks.failures()).toMatchObject([{ agentId: AGENT, why: { thresholds: { everyMs: 30_000 } } }]);
  });
});

describe("an agent that nobody manages to look at", () => {
  it("is told of after three intervals, not before", async () => {
    looks = await openLooks();
    await keep();
    const now = await looks.world.services.clock.now();
    await lookedAt(AGENT, now - 89_000);
    expect(await keep()).toMatchObject({ isSound: true });
    expect(await looks.failures()).toEqual([]);
    await lookedAt(AGENT, now - 91_000);
    expect(await keep()).toMatchObject({ isSound: false });
    const [failure] = await looks.failures();
    expect(failure).toMatchObject({ agentId: AGENT, why: { rule: "check-look", thresholds: { everyMs: 30_000 } } });
  });

  it("is not told of by a process that has just started, for an update held up everybody's looks", async () => {
    looks = await openLooks();
    await keep();
    await lookedAt(AGENT, (await looks.world.services.clock.now()) - 600_000);
    await keep(0, undefined, 89_000);
    expect(await looks.failures()).toEqual([]);
    await keep(0, undefined, 91_000);
    expect(await looks.failures()).toHaveLength(1);
  });

  it("that was never looked at counts from when it should have been", async () => {
    looks = await openLooks();
    await keep();
    expect(await looks.failures()).toEqual([]);
    const now = await looks.world.services.clock.now();
    await looks.world.services.redis.hset(`{tq:0}:watch:${AGENT}`, "since", now - 91_000);
    await keep();
    expect(await looks.failures()).toHaveLength(1);
  });

  it("gets its schedule anew where a wrong clock had booked the next look", async () => {
    looks = await openLooks();
    await keep();
    const queue = looks.world.services.queues.of("watch", 0);
    const startDate = new Date(Date.now() + 6 * 3_600_000);
    await queue.removeJobScheduler(`look-${AGENT}`);
    await queue.upsertJobScheduler(`look-${AGENT}`, { every: 30_000, startDate }, { name: "agent", data: {} });
    await lookedAt(AGENT, (await looks.world.services.clock.now()) - 91_000);
    await keep();
    const renewed = await queue.getJobScheduler(`look-${AGENT}`);
    expect(Number(renewed?.next)).toBeLessThanOrEqual(Date.now() + 30_000);
  });
});

describe("a key whose limit does not allow the intervals", () => {
  it("is told of once for the fleet, where it stretches them more than threefold", async () => {
    const fleet = Array.from({ length: 9 }, (_, n) => `{ id: agent-${n} }`).join(", ");
    const settingsOf = (callsPerHour: number) =>
      `fleet: { agents: [${fleet}] }\ngateway: { callsPerHour: ${callsPerHour} }`;
    looks = await openLooks({ settings: settingsOf(2_500) });
    await keep();
    expect(await looks.failures()).toEqual([]);
    await keep(0, readSettings(settingsOf(2_300), {}));
    expect((await looks.failures()).map(({ agentId, why }) => [agentId, why.rule])).toEqual([
      ["tourniquet", "check-stretch"],
    ]);
  });
});
