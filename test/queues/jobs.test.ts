import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backoffMs, jobOptions, queueNames, queueTable, workerNames, workerSettings } from "../../src/queues/jobs.ts";

const cases = fc.record({
  queue: fc.constantFrom(...queueNames),
  attempt: fc.integer({ min: 1, max: 2_000 }),
  random: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
});

describe("the wait before the next attempt", () => {
  it("is a whole number of milliseconds between 0 and the queue's cap, whatever the attempt", () => {
    fc.assert(
      fc.property(cases, ({ queue, attempt, random }) => {
        const waitMs = backoffMs(queue, attempt, () => random);
        expect(Number.isInteger(waitMs)).toBe(true);
        expect(waitMs).toBeGreaterThanOrEqual(0);
        expect(waitMs).toBeLessThanOrEqual(queueTable[queue].backoffCapMs);
      }),
      { seed: 7 },
    );
  });

  it("grows with the attempts until it reaches the cap, and stays there", () => {
    for (const queue of queueNames) {
      const longest = Array.from({ length: 40 }, (_, index) => backoffMs(queue, index + 1, () => 0.999999));
      expect(longest).toEqual([...longest].sort((a, b) => a - b));
      expect(longest[0]).toBe(200);
      expect(longest.at(-1)).toBe(queueTable[queue].backoffCapMs);
    }
  });

  it("of a freeze stays short enough for the 60 s rule", () => {
    expect(queueTable.freeze.backoffCapMs).toBeLessThanOrEqual(2_000);
  });
});

describe("the table of work", () => {
  it("gives containment queues of its own, which nothing else shares", () => {
    const own = queueNames.filter((queue) => queueTable[queue].worker === "containment");
    expect(own).toEqual(["freeze", "contain"]);
    expect(workerNames).toEqual(["containment", "cascade", "forensics", "notification", "recovery", "watch"]);
  });

  it("never lets containment run out of attempts, keeps dead letters for 90 days and no job for ever", () => {
    for (const queue of ["freeze", "contain", "correlate", "recovery"] as const)
      expect(queueTable[queue].attempts).toBeGreaterThanOrEqual(1_000);
    for (const queue of queueNames)
      expect(jobOptions(queue)).toMatchObject({
        attempts: queueTable[queue].attempts,
        backoff: { type: "custom" },
        removeOnComplete: { age: expect.any(Number), count: expect.any(Number) },
        removeOnFail: { age: 7_776_000 },
      });
  });

  it("has a killed worker's job start again within the time that was measured", () => {
    expect(workerSettings).toEqual({ lockDuration: 10_000, stalledInterval: 5_000, maxStalledCount: 20 });
  });
});
