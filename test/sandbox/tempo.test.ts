import { describe, expect, it } from "vitest";
import { createTempo } from "../../src/sandbox/tempo.ts";
import { until } from "../support/until.ts";

const MINUTE_MS = 60_000;

describe("a story that is told faster than it happened", () => {
  it("begins at a full minute, so far in the past that it ends at about the present", async () => {
    const tempo = createTempo(6_000, 10 * MINUTE_MS);
    const before = Date.now();
    tempo.begin();
    const [began, after] = [tempo.now(), Date.now()];
    expect(began % MINUTE_MS).toBe(0);
    // Its length before the present, and the part of a minute.
    expect(began).toBeGreaterThan(before - 11 * MINUTE_MS);
    expect(began).toBeLessThanOrEqual(after - 10 * MINUTE_MS);
    await tempo.reach(10 * MINUTE_MS);
    expect(tempo.now()).toBe(began + 10 * MINUTE_MS);
  });

  it("has every act at its own time to the millisecond, however late the machine is with it", async () => {
    const tempo = createTempo(1_000, MINUTE_MS);
    tempo.begin();
    const zeroMs = tempo.now();
    const seen: number[] = [];
    for (const atMs of [0, 1, 2_000, 2_001, 30_000]) {
      await tempo.reach(atMs);
      // What would be 20 s of the story at this speed does not move it: the act is not over.
      const busyUntil = performance.now() + 20;
      while (performance.now() < busyUntil);
      seen.push(tempo.now() - zeroMs);
    }
    expect(seen).toEqual([0, 1, 2_000, 2_001, 30_000]);
  });

  it("takes as long as its speed says", async () => {
    const tempo = createTempo(100, MINUTE_MS);
    tempo.begin();
    const startedAt = performance.now();
    await tempo.reach(10_000);
    await tempo.reach(20_000);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(195);
  });

  it("runs on after its last act, and stops at the present", async () => {
    const tempo = createTempo(1_000, MINUTE_MS);
    tempo.begin();
    await tempo.reach(1_000);
    tempo.end();
    await until(async () => Date.now() - tempo.now() < 5, "the story to catch up");
    expect(tempo.now()).toBeLessThanOrEqual(Date.now());
  });

  it("ends its wait when it is told to stop", async () => {
    const stop = new AbortController();
    const tempo = createTempo(1, MINUTE_MS);
    tempo.begin();
    const waiting = tempo.reach(MINUTE_MS, stop.signal);
    stop.abort();
    await expect(waiting).rejects.toThrow(/aborted/);
  });
});

describe("a story without a length", () => {
  it("has the time on the wall", async () => {
    const tempo = createTempo(50);
    tempo.begin();
    await tempo.reach(500);
    const before = Date.now();
    const told = tempo.now();
    expect(told).toBeGreaterThanOrEqual(before);
    expect(told).toBeLessThanOrEqual(Date.now());
  });
});
