import { readFileSync } from "node:fs";
import { Worker } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { probeRedis } from "../../src/redis/probe.ts";
import { openRequest } from "../redis/open-request.ts";
import { startRedis } from "../support/redis-process.ts";
import { until } from "../support/until.ts";
import { type Api, budgetEvent, openApi } from "./api.ts";
import { documented, exposed } from "./exposition.ts";

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
beforeEach(() => api.services.redis.flushdb());
afterAll(() => api.close());

const scrape = async () => (await api.get("/metrics")).text;
const shown = (text: string, series: string) =>
  Number(
    text
      .split("\n")
      .find((line) => line.startsWith(`${series} `))
      ?.slice(series.length + 1) ?? Number.NaN,
  );
const open = async (agentId: string, more: Parameters<typeof openRequest>[1] = {}) =>
  (await api.services.incidents.open(openRequest({ agentId }, more))).incidentId;
const escrow = (incidentId: string, escrowId: string, amount: string, result: "held" | "recovered" | "lost") =>
  api.services.incidents.recordEscrows(incidentId, [{ escrowId, payee: "flaky", amount, result, reason: "why" }]);

describe("a scrape", () => {
  it("shows every incident there is, by status and priority, and what does not occur as 0", async () => {
    const contained = await open("agent-1");
    await api.services.incidents.setStatus(contained, "containing", "contain", {});
    await open("agent-2", { priority: "P1" });
    const text = await scrape();
    expect(shown(text, 'tourniquet_incidents{status="containing",priority="P0"}')).toBe(1);
    expect(shown(text, 'tourniquet_incidents{status="detected",priority="P1"}')).toBe(1);
    expect(shown(text, 'tourniquet_incidents{status="detected",priority="P0"}')).toBe(0);
    expect(shown(text, 'tourniquet_incidents{status="stood-down",priority="P3"}')).toBe(0);
  });

  it("shows money at risk and held while an incident is open, and what was recovered and lost for ever", async () => {
    const incidentId = await open("agent-1");
    await escrow(incidentId, "one", "150.00", "held");
    await escrow(incidentId, "two", "50.25", "recovered");
    await escrow(incidentId, "three", "0.5", "lost");
    const money = (text: string) =>
      ["at_risk_dollars", "held_dollars", "recovered_dollars_total", "lost_dollars_total"].map((name) =>
        shown(text, `tourniquet_${name}`),
      );
    expect(money(await scrape())).toEqual([200.75, 150, 50.25, 0.5]);
    await api.services.incidents.setStatus(incidentId, "stood-down", "recover", {});
    expect(money(await scrape())).toEqual([0, 0, 50.25, 0.5]);
  });

  it("shows how long freezes took as a histogram that adds up, whichever process measured it", async () => {
    const at = await api.services.clock.now();
    for (const [agent, ms] of [
      ["agent-1", 150],
      ["agent-2", 1_500],
      ["agent-3", 90_000],
    ] as const)
      await api.services.incidents.stamp(await open(agent, { receivedAt: at - ms }), "effectiveAt");
    const text = await scrape();
    const bucket = (le: string) => shown(text, `tourniquet_webhook_to_freeze_seconds_bucket{le="${le}"}`);
    expect([bucket("0.1"), bucket("0.5"), bucket("2"), bucket("60"), bucket("+Inf")]).toEqual([0, 1, 2, 2, 3]);
    expect(shown(text, "tourniquet_webhook_to_freeze_seconds_count")).toBe(3);
    const sum = shown(text, "tourniquet_webhook_to_freeze_seconds_sum");
    expect(sum).toBeGreaterThanOrEqual(91.65);
    expect(sum).toBeLessThan(93);
    expect(shown(text, 'tourniquet_webhook_to_contained_seconds_bucket{le="+Inf"}')).toBe(0);
  });

  it("shows how old the oldest job is that no worker takes, and one that is not due yet as no trouble", async () => {
    const page = { agentId: "agent-1", incidentId: null, signalId: "sig-1", kind: "publish", what: "x" } as const;
    await api.services.dispatch.add("notification", "agent-1", "later", page, { delayMs: 60_000 });
    expect(shown(await scrape(), 'tourniquet_queue_oldest_waiting_seconds{queue="notification"}')).toBe(0);
    const freeze = api.services.queues.of("freeze", 0);
    await freeze.add("freeze", { seeCapsOf: "agent-1" }, { timestamp: Date.now() - 90_000 });
    await freeze.add("freeze", { seeCapsOf: "agent-1" });
    // Delayed, and its time is past: nobody is there to move it.
    const correlate = api.services.queues.of("correlate", 0);
    await correlate.add("correlate", { eventId: "evt-0-1" }, { timestamp: Date.now() - 90_000, delay: 30_000 });
    const text = await scrape();
    const age = (queue: string) => shown(text, `tourniquet_queue_oldest_waiting_seconds{queue="${queue}"}`);
    expect([Math.floor(age("freeze") / 10), Math.floor(age("correlate") / 10), age("recovery")]).toEqual([9, 6, 0]);
  });

  it("shows a job whose worker was killed as one that waits, and one that is in hand as no trouble", async () => {
    const forensics = api.services.queues.of("forensics", 0);
    const tag = "bull-test";
    await forensics.add("forensics", { incidentId: "inc-0-1" } as never, { jobId: tag });
    const worker = new Worker("forensics", null, {
      connection: new Redis(api.services.config.redisUrl, { maxRetriesPerRequest: null }),
      prefix: forensics.opts.prefix!,
    });
    await worker.getNextJob("token");
    const age = async () => shown(await scrape(), 'tourniquet_queue_oldest_waiting_seconds{queue="forensics"}');
    expect(await age()).toBe(0);
    await api.services.redis.del(`${forensics.toKey(tag)}:lock`);
    await api.services.redis.hset(forensics.toKey(tag), "processedOn", Date.now() - 90_000);
    await api.services.redis.hset(forensics.toKey(tag), "timestamp", Date.now() - 90_000);
    expect(Math.floor((await age()) / 10)).toBe(9);
    await worker.close(true);
  });

  it("shows Redis, the version that runs, and how looks at the gateway went", async () => {
    const { agentWatch } = api.services;
    await agentWatch.begin("agent-1", "me", { leaseMs: 1_000, gapMs: 0 });
    const memory = {} as Parameters<typeof agentWatch.end>[2]["memory"];
    await agentWatch.end("agent-1", "me", { memory, isWhole: true, told: [], forgotten: [] });
    const text = await scrape();
    const { version } = JSON.parse(readFileSync("package.json", "utf8"));
    expect(text).toContain(`tourniquet_build_info{version="${version}"} 1`);
    expect(shown(text, "tourniquet_redis_memory_used_bytes")).toBeGreaterThan(100_000);
    expect(text).toMatch(/^tourniquet_redis_aof_enabled [01]$/m);
    expect(shown(text, 'tourniquet_polling_looks_total{outcome="whole"}')).toBe(1);
    expect(shown(text, 'tourniquet_polling_looks_total{outcome="partial"}')).toBe(0);
  });

  it("asks Redis no more with many incidents than with one", async () => {
    // Its own Redis: the figure is a server's, whoever asks.
    const redis = await startRedis();
    const alone = await openApi({ redisUrl: redis.url });
    const openAlone = (agentId: string) => alone.services.incidents.open(openRequest({ agentId }));
    const total = async () =>
      Number(/total_commands_processed:(\d+)/.exec(await alone.services.redis.info("stats"))?.[1]);
    const commands = async () => {
      const before = await total();
      await alone.get("/metrics");
      return (await total()) - before;
    };
    await openAlone("agent-0");
    const withOne = await commands();
    await Promise.all(Array.from({ length: 500 }, (_, index) => openAlone(`agent-${index + 1}`)));
    expect(await commands()).toBeLessThanOrEqual(withOne + 5);
    const { text } = await alone.get("/metrics");
    expect(shown(text, 'tourniquet_incidents{status="detected",priority="P0"}')).toBe(501);
    await alone.close();
    await redis.stop();
  });

  it("names nobody: no agent, incident, event or text of theirs", async () => {
    await api.post(budgetEvent(97, { agent_id: "agent-named-here" }));
    const incidentId = await open("agent-named-here");
    await escrow(incidentId, "escrow-named-here", "1.00", "held");
    const text = await scrape();
    for (const name of ["named-here", incidentId, "evt-0", "flaky"]) expect(text).not.toContain(name);
  });
});

describe("docs/telemetry.md", () => {
  it("has every metric with its type and meaning, and none that does not exist", async () => {
    expect(documented()).toEqual(exposed(await scrape()).filter(({ name }) => name.startsWith("tourniquet_")));
  });

  it("names every label", async () => {
    const labelled = new Map<string, Set<string>>();
    for (const [, series, labels = ""] of (await scrape()).matchAll(
      /^(tourniquet_\w+?)(?:_bucket|_sum|_count)?\{([^}]*)\}/gm,
    )) {
      const names = [...labels.matchAll(/(\w+)="/g)].map(([, name]) => name!).filter((name) => name !== "le");
      labelled.set(series!, new Set([...(labelled.get(series!) ?? []), ...names]));
    }
    const rows = documented("labels");
    for (const [name, labels] of labelled)
      if (labels.size > 0) expect([name, rows.find((row) => row.name === name)?.labels]).toEqual([name, [...labels]]);
    for (const { name, labels } of rows) if (labels.length > 0) expect(labelled.has(name), name).toBe(true);
  });
});

describe("many who scrape at once", () => {
  it("are answered from one collection a second, and whoever asks whether we are ready from one look", async () => {
    let looks = 0;
    const flooded = await openApi({
      joins: true,
      ports: ({ redis, config }) => ({
        lookedForMs: 1_000,
        redisProbe: () => {
          looks += 1;
          return probeRedis(redis, config.partitions, config.redisWaitReplicas);
        },
      }),
    });
    const ask = async (path: string) => {
      looks = 0;
      const answers = await Promise.all(Array.from({ length: 30 }, () => flooded.get(path)));
      expect(answers.every(({ status }) => status === 200)).toBe(true);
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      return looks;
    };
    expect([await ask("/metrics"), await ask("/readyz")]).toEqual([1, 1]);
    looks = 0;
    await until(async () => {
      await flooded.get("/readyz");
      return looks === 1;
    }, "another look");
    await flooded.close();
  });
});
