import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DeadLetter } from "../../src/incident/dead-letter.ts";
import { until } from "../support/until.ts";
import { type DeadWorld, deadWorld, order } from "./dead-world.ts";

let world: DeadWorld;
beforeEach(async () => {
  world = await deadWorld();
});
afterEach(() => world.close());

const ids = (found: readonly DeadLetter[]) => found.map(({ id }) => id);

describe("a job that a gateway refuses for good", () => {
  it("is a dead letter with what it was about, its cause, its only attempt and the stack of what really failed", async () => {
    const letter = await world.deadFreeze("stranger");
    expect(letter).toMatchObject({
      ...{ queue: "freeze", kind: "see-caps", agentId: "stranger", incidentId: null, eventId: null, state: "failed" },
      ...{ attempts: 1, replays: [] },
    });
    expect(letter.cause).toEqual({ code: "gateway-refused", message: expect.stringContaining("403") });
    expect(letter.firstTriedAt).toBeGreaterThanOrEqual(letter.addedAt);
    expect(letter.failedAt).toBeGreaterThanOrEqual(letter.firstTriedAt ?? Number.NaN);
    const history = await world.letters.show("freeze", letter.id);
    expect(history?.stacks.join()).toContain("seeCaps");
    expect(history?.logs).toEqual([expect.stringMatching(/^\d{4}-.*Z attempt 1: gateway-refused: /)]);
  });

  it("does its work when it is replayed after the cause was mended, and who replayed it is kept", async () => {
    const { id } = await world.deadFreeze("latecomer");
    world.renewKey();
    const { results } = await world.letters.replay({ ...order, filter: { id } });
    expect(results).toEqual([{ queue: "freeze", id, answer: "replayed", detail: "replay 1" }]);
    const done = await until(async () => {
      const found = await world.letters.show("freeze", id);
      return found?.replays[0]?.outcome === "done" && found.state === "completed" ? found : null;
    }, "the replay to be done");
    expect(await world.services.caps.lastSeen("latecomer")).toMatchObject({ dailyCap: 500_00000000n });
    expect(done.replays).toMatchObject([
      { number: 1, by: "ada", reason: order.reason, cause: { code: "gateway-refused" }, attempts: 1, endCause: null },
    ]);
    expect(done.replays[0]!.endedAt).toBeGreaterThanOrEqual(done.replays[0]!.at);
    expect(await world.list()).toEqual([]);
    const again = await world.letters.replay({ ...order, filter: { id } });
    expect(again.results).toMatchObject([{ answer: "no-longer-failed", detail: "it is completed" }]);
  });

  it("that fails again says so beside the replay, and keeps what it had failed of before", async () => {
    const { id } = await world.deadFreeze("nobody");
    await world.letters.replay({ ...order, filter: { id } });
    const [letter] = await until(async () => {
      const found = await world.list({ id });
      return found[0]?.replays[0]?.outcome === "failed-again" ? found : null;
    }, "it to fail again");
    expect(letter!.attempts).toBe(1);
    expect(letter!.replays).toMatchObject([{ outcome: "failed-again", endCause: { code: "gateway-refused" } }]);
    expect((await world.letters.show("freeze", id))?.logs).toHaveLength(2);
  });
});

describe("a job whose id is free again at its end", () => {
  it("is a dead letter under an id of its own, which people are told of, and keeps no next one out", async () => {
    await world.deadFreeze("stranger");
    const look = () =>
      world.services.dispatch.add("freeze", "one", "look-one", { seeCapsOf: "one" }, { forgotten: true });
    await world.admin.placeAgent("one");
    await look();
    const [letter] = await until(async () => {
      const found = (await world.list()).filter(({ id }) => id.startsWith("look-one"));
      return found.length > 0 ? found : null;
    }, "it to be a dead letter");
    expect(letter).toMatchObject({ id: expect.stringMatching(/^look-one-died-\d+$/), agentId: "one" });
    const told = () => world.services.queues.of("notification", 0).getJobs(["waiting", "delayed"]);
    await until(
      async () => (await told()).some(({ data }) => data.deadLetter?.jobId === letter!.id),
      "people to be told of what is there",
    );
    expect((await told()).map(({ data }) => data.deadLetter?.jobId)).not.toContain("look-one");
    world.renewKey();
    await look();
    await until(() => world.services.caps.lastSeen("one"), "the next one to do its work");
  });
});

describe("a job that took its worker down too often", () => {
  it("is a dead letter that people are told of, and may take as many down again once it is replayed", async () => {
    const bull = world.services.queues.of("contain", 0);
    await bull.pause();
    await bull.add("contain", { incidentId: "inc-0-a-1" }, { jobId: "heavy" });
    const reason = "job stalled more than allowable limit";
    await world.services.redis.hset(bull.toKey("heavy"), { stc: 21, defa: reason });
    await bull.resume();
    const [letter] = await until(async () => ((await world.list()).length ? world.list() : null), "it to be failed");
    expect(letter).toMatchObject({ id: "heavy", cause: { code: "internal", message: reason }, firstTriedAt: null });
    const told = () => world.services.queues.of("notification", 0).getJobs(["waiting"]);
    await until(async () => (await told()).some(({ data }) => data.deadLetter?.jobId === "heavy"), "people to be told");
    await world.letters.replay({ ...order, filter: { id: "heavy" } });
    expect(await world.services.redis.hget(bull.toKey("heavy"), "stc")).toBeNull();
  });
});

describe("a long list of dead letters", () => {
  it("is read page by page over all queues, none twice and none left out, however many died in one millisecond", async () => {
    const at = Date.now();
    await Promise.all(
      Array.from({ length: 330 }, (_, index) => {
        const queue = index < 260 ? "contain" : (["recovery", "forensics"] as const)[index % 2]!;
        const data = queue === "forensics" ? { cascadeId: "cas-1" } : { incidentId: "inc-0-a-1" };
        // Most of them at the very same time, which is more than is read at once.
        return world.failedAt(queue, `job-${index}`, data as never, index < 300 ? at : at - index);
      }),
    );
    const seen: DeadLetter[] = [];
    let after: string | undefined;
    let pages = 0;
    do {
      const page = await world.letters.list({}, 50, after);
      seen.push(...page.deadLetters);
      after = page.next ?? undefined;
      pages += 1;
      // What dies meanwhile moves no page.
      if (pages === 2) await world.failedAt("contain", "meanwhile", { incidentId: "inc-0-a-1" }, at + 60_000);
    } while (after !== undefined && pages < 20);
    expect(pages).toBe(7);
    expect(new Set(ids(seen)).size).toBe(330);
    expect(seen).toHaveLength(330);
    const times = seen.map(({ failedAt: died }) => died!);
    expect(times).toEqual([...times].sort((a, b) => b - a));
  });

  it("is filtered by queue, agent, type of event, kind of job and time, both ends included", async () => {
    const { eventId } = await world.deliver({
      event_type: "reputation_change",
      agent_id: "agent-b",
      payload: { score_delta: -0.01 },
    });
    const base = Date.now() - 100_000;
    const about = { agentId: "agent-a", incidentId: null, signalId: null };
    await world.failedAt("correlate", "by-event", { eventId }, base);
    await world.failedAt(
      "notification",
      "publication",
      { ...about, kind: "publish", what: "budget-frozen" },
      base + 10,
    );
    await world.failedAt("freeze", "caps", { seeCapsOf: "agent-a" }, base + 20);
    const found = async (filter: object) => ids(await world.list(filter));
    expect(await found({})).toEqual(["caps", "publication", "by-event"]);
    expect(await found({ queue: "freeze" })).toEqual(["caps"]);
    expect(await found({ agent: "agent-a" })).toEqual(["caps", "publication"]);
    expect(await found({ agent: "agent-b" })).toEqual(["by-event"]);
    expect(await found({ type: "reputation_change" })).toEqual(["by-event"]);
    expect(await found({ type: "publish" })).toEqual(["publication"]);
    expect(await found({ since: base + 10 })).toEqual(["caps", "publication"]);
    expect(await found({ since: base + 11 })).toEqual(["caps"]);
    expect(await found({ until: base + 10 })).toEqual(["publication", "by-event"]);
    expect(await found({ until: base + 9 })).toEqual(["by-event"]);
    expect((await world.list({ id: "by-event" }))[0]).toMatchObject({ eventId, eventType: "reputation_change" });
  });

  it("goes on where a filter left nothing of what was looked at", async () => {
    await world.failedAt("contain", "job", { incidentId: "inc-0-a-1" }, Date.now());
    await expect(world.letters.list({}, 10, "nonsense")).rejects.toMatchObject({ code: "input-invalid" });
    expect(await world.letters.list({ agent: "nobody" }, 10)).toEqual({ deadLetters: [], examined: 1, next: null });
  });
});

describe("what people are told of dead letters", () => {
  const pages = async () => {
    const jobs = await world.services.queues.of("notification", 0).getJobs(["waiting", "delayed"]);
    return jobs.filter(({ data }) => data.what === "dead-letter");
  };

  it("is one page for the first, and one at the end of ten minutes for all others", async () => {
    await Promise.all(Array.from({ length: 40 }, (_, index) => world.deadFreeze(`stranger-${index}`)));
    const told = await until(async () => ((await pages()).length === 2 ? pages() : null), "both pages");
    const first = told.find(({ delay }) => delay === 0);
    const rest = told.find(({ delay }) => delay > 0);
    expect(first?.data).toMatchObject({ kind: "page", incidentId: null, deadLetter: { queue: "freeze" } });
    expect(rest?.delay).toBeLessThanOrEqual(600_000);
    expect(rest?.id).toBe(`${first?.id}-more`);
  });
});
