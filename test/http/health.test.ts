import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { describe, expect, it } from "vitest";
import { TourniquetError } from "../../src/errors.ts";
import { within } from "../../src/http/deadline.ts";
import { readiness } from "../../src/http/health.ts";
import type { Log } from "../../src/incident/ports.ts";
import type { RedisProbe, RedisState } from "../../src/incident/redis-state.ts";
import { holdSettings } from "../../src/settings/holder.ts";
import { readSettings } from "../../src/settings/settings.ts";

const healthy: RedisState = {
  usedBytes: 1,
  maxBytes: 0,
  aofEnabled: true,
  aofLastWriteOk: true,
  evictionPolicy: "noeviction",
  missingReplicas: 0,
  waitsForReplicas: false,
};

interface Named {
  field: string;
  problem: string;
}

async function ready(
  probe: RedisProbe,
  queue: () => Promise<unknown> = async () => ({}),
  log: Pick<Log, "warn"> = { warn: () => undefined },
) {
  const bull = { getMeta: queue } as never;
  const app = express().get(
    "/readyz",
    readiness(
      {
        redisProbe: probe,
        log,
        queues: { all: () => [{ queue: "freeze", partition: 0, bull }] },
        breakers: { counts: async () => ({ open: 2, halfOpen: 1, openings: 7 }) },
        escalations: { overdue: async () => 3 },
        settings: readSettings(undefined, {}),
        heldSettings: holdSettings(readSettings(undefined, {})),
      },
      0,
    ),
  );
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/readyz`);
    const body = (await answer.json()) as { errors?: Named[]; warnings?: Named[] };
    const named = (all: Named[] = []) => all.map(({ field, problem }) => `${field} ${problem}`);
    const warned = named(body.warnings);
    return { status: answer.status, wrong: named(body.errors), ...(warned.length > 0 && { warned }) };
  } finally {
    server.close();
  }
}

const gone = async () => {
  throw new TourniquetError("redis-unavailable", "gone");
};

describe("a process that should not be given work", () => {
  it.each([
    ["redis uses 90 of 100 bytes", { usedBytes: 90, maxBytes: 100 }],
    ["redis has no append-only file: set appendonly yes", { aofEnabled: false }],
    ["redis could not write its append-only file", { aofLastWriteOk: false }],
    ["redis may evict keys: set maxmemory-policy noeviction", { evictionPolicy: "allkeys-lru" }],
  ])("says that %s", async (wrong, state) => {
    expect(await ready(async () => ({ ...healthy, ...state }))).toEqual({ status: 503, wrong: [wrong] });
  });

  it("names everything that is wrong at once", async () => {
    expect(await ready(gone, gone)).toEqual({
      status: 503,
      wrong: [
        "redis does not take a write (redis-unavailable): the log line readiness.redis says why",
        "queue freeze/0 does not answer",
      ],
    });
  });

  it("tells the log why Redis takes nothing, and the asker, who may be anybody, only of what kind it is", async () => {
    const full = async () => {
      throw new TourniquetError("redis-full", "OOM at 10.1.2.3:6379");
    };
    const logged: unknown[] = [];
    const log = { warn: (fields: unknown, what: string) => void logged.push([what, fields]) };
    const { wrong } = await ready(full, undefined, log);
    expect(wrong).toEqual(["redis does not take a write (redis-full): the log line readiness.redis says why"]);
    expect(logged).toEqual([["readiness.redis", { code: "redis-full", message: "OOM at 10.1.2.3:6379" }]]);
  });

  it("is kept at work while replicas are missing, and says so: no other one has it better", async () => {
    const state = { missingReplicas: 1, waitsForReplicas: true };
    expect(await ready(async () => ({ ...healthy, ...state }))).toEqual({
      status: 200,
      wrong: [],
      warned: ["redis has 1 replicas too few in step: events that need them are worked and answered 503"],
    });
  });

  it("may have its log on replicas instead of a disk", async () => {
    const state = { aofEnabled: false, waitsForReplicas: true };
    expect(await ready(async () => ({ ...healthy, ...state }))).toEqual({ status: 200, wrong: [] });
  });

  it("is ready where nothing is", async () => {
    expect(await ready(async () => ({ ...healthy, usedBytes: 89, maxBytes: 100 }))).toEqual({ status: 200, wrong: [] });
  });
});

describe("work that never answers", () => {
  it("is given up as storage that is not available", async () => {
    const never = new Promise<never>(() => undefined);
    await expect(within(5, never)).rejects.toMatchObject({ code: "redis-unavailable" });
  });

  it("does not change what answers in time, good or bad", async () => {
    expect(await within(1_000, Promise.resolve(7))).toBe(7);
    await expect(within(1_000, gone())).rejects.toThrow("gone");
  });
});
