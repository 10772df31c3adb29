import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { type DeadWorld, deadWorld, order } from "./dead-world.ts";

let world: DeadWorld;
beforeEach(async () => {
  world = await deadWorld();
});
afterEach(() => world.close());

describe("a job whose attempts are used up", () => {
  it("is really tried again: the attempts begin anew", async () => {
    await world.services.queues.of("freeze", 0).add("freeze", { seeCapsOf: "flaky" }, { jobId: "caps", attempts: 2 });
    await world.admin.placeAgent("flaky");
    await world.admin.fault({ kind: "500-before", match: { tool: "get_budget_status" } });
    const [letter] = await until(
      async () => ((await world.list()).length ? world.list() : null),
      "it to use up its attempts",
    );
    expect(letter).toMatchObject({ attempts: 2, cause: { code: "gateway-failed" } });
    const struckBefore = (await world.admin.faults())[0]!.struck;
    await world.letters.replay({ ...order, filter: { queue: "freeze" } });
    await until(async () => (await world.list())[0]?.replays[0]?.outcome === "failed-again", "it to fail again");
    expect((await world.admin.faults())[0]!.struck - struckBefore).toBe(2);
    expect(await world.list()).toMatchObject([{ attempts: 2 }]);
  });
});

describe("a replay", () => {
  it("asked for by two at once is one replay, by the one who came first", async () => {
    await world.services.queues.of("contain", 0).pause();
    await world.failedAt("contain", "contain-x", { incidentId: "inc-0-aaaaaaaaaaaa-1" }, Date.now());
    const asked = ["ada", "ben", "cleo"].map((by) =>
      world.letters.replay({ ...order, by, filter: { id: "contain-x" } }),
    );
    const answers = (await Promise.all(asked)).map(({ results }) => results[0]!.answer);
    expect(answers.filter((answer) => answer === "replayed")).toHaveLength(1);
    expect(answers.every((answer) => /^(replayed|being-replayed|no-longer-failed)$/.test(answer))).toBe(true);
    const history = await world.letters.show("contain", "contain-x");
    expect(history?.replays.map(({ by }) => by)).toEqual([["ada", "ben", "cleo"][answers.indexOf("replayed")]]);
    expect(await world.services.queues.of("contain", 0).getWaitingCount()).toBe(1);
  });

  it("that was recorded and never handed over is taken over by the next who asks, and said to be so", async () => {
    await world.services.queues.of("contain", 0).pause();
    await world.failedAt("contain", "contain-y", { incidentId: "inc-0-aaaaaaaaaaaa-1" }, Date.now());
    const cause = { code: "gateway-refused", message: "no such agent" } as const;
    await world.services.replays.begin(0, "contain", "contain-y", { by: "ada", reason: "gone", cause, attempts: 3 });
    expect((await world.letters.show("contain", "contain-y"))?.replays).toMatchObject([{ outcome: "not-begun" }]);
    const ask = () => world.letters.replay({ ...order, by: "ben", filter: { id: "contain-y" } });
    expect((await ask()).results).toMatchObject([{ answer: "being-replayed" }]);
    const key = world.services.redis;
    const kept = JSON.parse((await key.hget("{tq:0}:replays:contain:contain-y", "1"))!);
    await key.hset("{tq:0}:replays:contain:contain-y", "1", JSON.stringify({ ...kept, at: kept.at - 10_001 }));
    expect((await ask()).results).toMatchObject([{ answer: "replayed", detail: "replay 2" }]);
  });

  it("of a dry run adds nothing, records nothing and says what it would do", async () => {
    const { id } = await world.deadFreeze("stranger");
    const { results } = await world.letters.replay({ ...order, dryRun: true, filter: { queue: "freeze" } });
    expect(results).toMatchObject([{ id, answer: "would-replay", detail: expect.stringContaining("403") }]);
    expect(await world.list()).toMatchObject([{ id, state: "failed", replays: [] }]);
  });

  it("takes no more than its limit, newest first, and says that others match", async () => {
    const now = Date.now();
    await world.services.queues.of("forensics", 0).pause();
    for (let index = 0; index < 5; index += 1)
      await world.failedAt("forensics", `evidence-${index}`, { incidentId: "inc-0-a-1", part: "after" }, now + index);
    const first = await world.letters.replay({ ...order, limit: 3, filter: { type: "evidence-after" } });
    expect(first.results.map(({ id }) => id)).toEqual(["evidence-4", "evidence-3", "evidence-2"]);
    expect(first.more).toBe(true);
    const rest = await world.letters.replay({ ...order, limit: 3, filter: { type: "evidence-after" } });
    expect([rest.results.length, rest.more]).toEqual([2, false]);
  });

  it("is refused where the ledger of actions may have forgotten what was done, a day before it is not", async () => {
    const day = 86_400_000;
    for (const days of [391, 389]) {
      await world.failedAt("contain", `old-${days}`, { incidentId: "inc-0-a-1" }, Date.now());
      const key = world.services.queues.of("contain", 0).toKey(`old-${days}`);
      await world.services.redis.hset(key, "timestamp", Date.now() - days * day);
    }
    const { results } = await world.letters.replay({ ...order, dryRun: true, filter: { queue: "contain" } });
    const answers = Object.fromEntries(results.map(({ id, answer }) => [id, answer]));
    expect(answers).toEqual({ "old-391": "too-old", "old-389": "would-replay" });
  });

  it("of a job that never was is said to be of none", async () => {
    await expect(world.letters.replay({ ...order, filter: { id: "never" } })).rejects.toMatchObject({
      code: "not-found",
    });
    expect(await world.letters.show("freeze", "never")).toBeNull();
  });
});

describe("dead letters of several partitions", () => {
  it("are one list, and each is replayed where it lies", async () => {
    await world.close();
    world = await deadWorld(3);
    const agents = Array.from({ length: 6 }, (_, index) => `agent-${index}`);
    for (const agentId of agents) await world.deadFreeze(agentId);
    expect(new Set((await world.list()).map(({ agentId }) => agentId))).toEqual(new Set(agents));
    const used = world.services.queues.all().filter(({ queue }) => queue === "freeze");
    const counts = await Promise.all(used.map(({ bull }) => bull.getFailedCount()));
    expect(counts.filter((count) => count > 0).length).toBeGreaterThan(1);
    world.renewKey();
    const { results } = await world.letters.replay({ ...order, filter: { queue: "freeze" } });
    expect(results.map(({ answer }) => answer)).toEqual(agents.map(() => "replayed"));
    await until(
      async () => (await Promise.all(used.map(({ bull }) => bull.getCompletedCount()))).join() === counts.join(),
      "all to be done",
    );
    const outcomes = await Promise.all(results.map(({ id }) => world.letters.show("freeze", id)));
    expect(outcomes.map((found) => found?.replays.map(({ outcome }) => outcome).join())).toEqual(
      agents.map(() => "done"),
    );
  });
});
