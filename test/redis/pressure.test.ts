import { afterEach, describe, expect, it, vi } from "vitest";
import type { Inbox } from "../../src/incident/inbox.ts";
import type { Log } from "../../src/incident/ports.ts";
import type { RedisState } from "../../src/incident/redis-state.ts";
import { type PressureWatch, watchPressure } from "../../src/redis/pressure.ts";

const quiet: Log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
const roomy: RedisState = {
  usedBytes: 100,
  maxBytes: 1_000,
  aofEnabled: true,
  aofLastWriteOk: true,
  evictionPolicy: "noeviction",
  missingReplicas: 0,
  waitsForReplicas: false,
};
const accepted = { eventId: "evt-0-1", duplicate: false, receivedAt: 1 };
const inbox = { accept: async () => accepted } as unknown as Inbox;
const delivery = {} as Parameters<Inbox["accept"]>[0];

let watch: PressureWatch;
const watching = (state: () => RedisState) => {
  vi.useFakeTimers();
  watch = watchPressure(async () => state(), quiet);
  return watch.guard(inbox);
};
afterEach(() => {
  watch.stop();
  vi.useRealTimers();
});

describe("the intake of a Redis that fills up", () => {
  it("takes events below nine tenths and refuses them from there on", async () => {
    let usedBytes = 899;
    const guarded = watching(() => ({ ...roomy, usedBytes }));
    await vi.advanceTimersByTimeAsync(1_000);
    await expect(guarded.accept(delivery)).resolves.toEqual(accepted);
    usedBytes = 900;
    await vi.advanceTimersByTimeAsync(1_000);
    await expect(guarded.accept(delivery)).rejects.toMatchObject({ code: "redis-full" });
    usedBytes = 500;
    await vi.advanceTimersByTimeAsync(1_000);
    await expect(guarded.accept(delivery)).resolves.toEqual(accepted);
  });

  it("refuses them while the append-only file cannot be written", async () => {
    const guarded = watching(() => ({ ...roomy, aofLastWriteOk: false }));
    await vi.advanceTimersByTimeAsync(1_000);
    await expect(guarded.accept(delivery)).rejects.toMatchObject({ code: "redis-full" });
  });

  it("takes them while replicas are missing: they are worked, whatever they are answered", async () => {
    const guarded = watching(() => ({ ...roomy, missingReplicas: 1, waitsForReplicas: true }));
    await vi.advanceTimersByTimeAsync(1_000);
    await expect(guarded.accept(delivery)).resolves.toEqual(accepted);
  });

  it("has no limit where Redis has none", async () => {
    const guarded = watching(() => ({ ...roomy, maxBytes: 0, usedBytes: 1e12 }));
    await vi.advanceTimersByTimeAsync(1_000);
    await expect(guarded.accept(delivery)).resolves.toEqual(accepted);
  });
});
