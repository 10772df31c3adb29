import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { doDuty, startTicking } from "../src/ticking.ts";
import { until } from "./support/until.ts";
import { createWorld, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld({ workers: [], ticker: false, partitions: 3 });
});
afterAll(() => world.close());

const duty = (name: string, round: (partition: number) => Promise<void>) => ({ name, leaseMs: 60_000, round });

describe("a duty of the fleet", () => {
  it("is done in every partition by one of those who would, who keeps it", async () => {
    const done: string[] = [];
    const by = (owner: string) =>
      doDuty(
        world.services,
        duty("one", async (p) => void done.push(`${owner}${p}`)),
        owner,
      );
    await by("a");
    await by("b");
    await by("a");
    expect(done).toEqual(["a0", "a1", "a2", "a0", "a1", "a2"]);
  });

  it("that fails is said, keeps none of the others from being done, and is done again", async () => {
    const failed: unknown[] = [];
    const log = { ...world.services.log, warn: (fields: unknown, what: string) => void failed.push([what, fields]) };
    const done: string[] = [];
    const ticking = startTicking({ ...world.services, log }, "ticker", [
      duty("bad", async (partition) => {
        if (partition === 0) throw new Error("no");
        done.push(`bad ${partition}`);
      }),
      duty("good", async (partition) => void done.push(`good ${partition}`)),
    ]);
    await until(async () => failed.length === 2, "the second round");
    ticking.stop();
    expect(failed[0]).toEqual(["ticker.failed", { code: "internal", message: "no" }]);
    expect(done.slice(0, 5)).toEqual(["bad 1", "bad 2", "good 0", "good 1", "good 2"]);
  });
});
