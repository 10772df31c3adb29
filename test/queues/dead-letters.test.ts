import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DeadLetter, DeadQueue } from "../../src/incident/dead-letter.ts";
import type { JobData } from "../../src/incident/jobs.ts";
import { readSettings } from "../../src/settings/settings.ts";
import { until } from "../support/until.ts";
import { createWorld, type World } from "../support/world.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld({ workers: ["containment"], ticker: false });
});
afterEach(() => world.close());

const everything = {};
const order = { limit: 100, dryRun: false, by: "ada", reason: "the key was renewed" };
const letters = () => world.services.deadLetters;
const list = async (filter = everything, limit = 100) => (await letters().list(filter, limit)).deadLetters;
const ids = (found: readonly DeadLetter[]) => found.map(({ id }) => id);

/** The key of another agent: the gateway refuses it for good, no attempt after the first would go otherwise. */
function useKey(key: string): void {
  const yaml = "keys: { containment: { env: KEY } }";
  world.services.heldSettings.reload(() => readSettings(yaml, { KEY: key }));
}
const renewKey = () => useKey("sandbox-admin-tests");

async function deadFreeze(agentId: string, jobId = `see-caps-${agentId}`): Promise<DeadLetter> {
  useKey("sandbox-agent-somebody-else");
  await world.admin.placeAgent(agentId);
  await world.services.dispatch.add("freeze", agentId, jobId, { seeCapsOf: agentId });
  return until(async () => (await list({ id: jobId }))[0], `${jobId} to fail for good`);
}

/** As a worker leaves it that had no attempts left, at a time of one's own. */
async function failedAt<Q extends DeadQueue>(queue: Q, jobId: string, data: JobData[Q], at: number) {
  const bull = world.services.queues.of(queue, 0);
  await bull.add(queue, data, { jobId, delay: 3_600_000 });
  await world.services.redis
    .multi()
    .zrem(bull.toKey("delayed"), jobId)
    .hset(bull.toKey(jobId), { finishedOn: at, atm: 3, failedReason: "gateway-refused: no such agent" })
    .zadd(bull.toKey("failed"), at, jobId)
    .exec();
}

describe("a job that a gateway refuses for good", () => {
  it("is a dead letter with what it was about, its cause, its only attempt and the stack of what really failed", async () => {
    const letter = await deadFreeze("stranger");
    expect(letter).toMatchObject({
      ...{ queue: "freeze", kind: "see-caps", agentId: "stranger", incidentId: null, eventId: null, state: "failed" },
      ...{ attempts: 1, replays: [] },
    });
    expect(letter.cause).toEqual({ code: "gateway-refused", message: expect.stringContaining("403") });
    expect(letter.firstTriedAt).toBeGreaterThanOrEqual(letter.addedAt);
    expect(letter.failedAt).toBeGreaterThanOrEqual(letter.firstTriedAt ?? Number.NaN);
    const history = await letters().show("freeze", letter.id);
    expect(history?.stacks.join()).toContain("seeCaps");
    expect(history?.logs).toEqual([expect.stringMatching(/^\d{4}-.*Z attempt 1: gateway-refused: /)]);
  });

  it("does its work when it is replayed after the cause was mended, and who replayed it is kept", async () => {
    const { id } = await deadFreeze("latecomer");
    renewKey();
    const { results } = await letters().replay({ ...order, filter: { id } });
    expect(results).toEqual([{ queue: "freeze", id, answer: "replayed", detail: "replay 1" }]);
    const done = await until(async () => {
      const found = await letters().show("freeze", id);
      return found?.replays[0]?.outcome === "done" && found.state === "completed" ? found : null;
    }, "the replay to be done");
    expect(await world.services.caps.lastSeen("latecomer")).toMatchObject({ dailyCap: 500_00000000n });
    expect(done.replays).toMatchObject([
      { number: 1, by: "ada", reason: order.reason, cause: { code: "gateway-refused" }, attempts: 1, endCause: null },
    ]);
    expect(done.replays[0]!.endedAt).toBeGreaterThanOrEqual(done.replays[0]!.at);
    expect(await list()).toEqual([]);
    const again = await letters().replay({ ...order, filter: { id } });
    expect(again.results).toMatchObject([{ answer: "no-longer-failed", detail: "it is completed" }]);
  });

  it("that fails again says so beside the replay, and keeps what it had failed of before", async () => {
    const { id } = await deadFreeze("nobody");
    await letters().replay({ ...order, filter: { id } });
    const [letter] = await until(async () => {
      const found = await list({ id });
      return found[0]?.replays[0]?.outcome === "failed-again" ? found : null;
    }, "it to fail again");
    expect(letter!.attempts).toBe(1);
    expect(letter!.replays).toMatchObject([{ outcome: "failed-again", endCause: { code: "gateway-refused" } }]);
    expect((await letters().show("freeze", id))?.logs).toHaveLength(2);
  });
});

describe("a job whose attempts are used up", () => {
  it("is really tried again: the attempts begin anew", async () => {
    await world.services.queues.of("freeze", 0).add("freeze", { seeCapsOf: "flaky" }, { jobId: "caps", attempts: 2 });
    await world.admin.placeAgent("flaky");
    await world.admin.fault({ kind: "500-before", match: { tool: "get_budget_status" } });
    const [letter] = await until(async () => ((await list()).length ? list() : null), "it to use up its attempts");
    expect(letter).toMatchObject({ attempts: 2, cause: { code: "gateway-failed" } });
    const struckBefore = (await world.admin.faults())[0]!.struck;
    await letters().replay({ ...order, filter: { queue: "freeze" } });
    await until(async () => (await list())[0]?.replays[0]?.outcome === "failed-again", "it to fail again");
    expect((await world.admin.faults())[0]!.struck - struckBefore).toBe(2);
    expect(await list()).toMatchObject([{ attempts: 2 }]);
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
    const [letter] = await until(async () => ((await list()).length ? list() : null), "it to be failed");
    expect(letter).toMatchObject({ id: "heavy", cause: { code: "internal", message: reason }, firstTriedAt: null });
    const told = () => world.services.queues.of("notification", 0).getJobs(["waiting"]);
    await until(async () => (await told()).some(({ data }) => data.deadLetter?.jobId === "heavy"), "people to be told");
    await letters().replay({ ...order, filter: { id: "heavy" } });
    expect(await world.services.redis.hget(bull.toKey("heavy"), "stc")).toBeNull();
  });
});

describe("a replay", () => {
  it("asked for by two at once is one replay, by the one who came first", async () => {
    await world.services.queues.of("contain", 0).pause();
    await failedAt("contain", "contain-x", { incidentId: "inc-0-aaaaaaaaaaaa-1" }, Date.now());
    const asked = ["ada", "ben", "cleo"].map((by) => letters().replay({ ...order, by, filter: { id: "contain-x" } }));
    const answers = (await Promise.all(asked)).map(({ results }) => results[0]!.answer);
    expect(answers.filter((answer) => answer === "replayed")).toHaveLength(1);
    expect(answers.every((answer) => /^(replayed|being-replayed|no-longer-failed)$/.test(answer))).toBe(true);
    const history = await letters().show("contain", "contain-x");
    expect(history?.replays.map(({ by }) => by)).toEqual([["ada", "ben", "cleo"][answers.indexOf("replayed")]]);
    expect(await world.services.queues.of("contain", 0).getWaitingCount()).toBe(1);
  });

  it("that was recorded and never handed over is taken over by the next who asks, and said to be so", async () => {
    await world.services.queues.of("contain", 0).pause();
    await failedAt("contain", "contain-y", { incidentId: "inc-0-aaaaaaaaaaaa-1" }, Date.now());
    const cause = { code: "gateway-refused", message: "no such agent" } as const;
    await world.services.replays.begin(0, "contain", "contain-y", { by: "ada", reason: "gone", cause, attempts: 3 });
    expect((await letters().show("contain", "contain-y"))?.replays).toMatchObject([{ outcome: "not-begun" }]);
    const ask = () => letters().replay({ ...order, by: "ben", filter: { id: "contain-y" } });
    expect((await ask()).results).toMatchObject([{ answer: "being-replayed" }]);
    const key = world.services.redis;
    const kept = JSON.parse((await key.hget("{tq:0}:replays:contain:contain-y", "1"))!);
    await key.hset("{tq:0}:replays:contain:contain-y", "1", JSON.stringify({ ...kept, at: kept.at - 10_001 }));
    expect((await ask()).results).toMatchObject([{ answer: "replayed", detail: "replay 2" }]);
  });

  it("of a dry run adds nothing, records nothing and says what it would do", async () => {
    const { id } = await deadFreeze("stranger");
    const { results } = await letters().replay({ ...order, dryRun: true, filter: { queue: "freeze" } });
    expect(results).toMatchObject([{ id, answer: "would-replay", detail: expect.stringContaining("403") }]);
    expect(await list()).toMatchObject([{ id, state: "failed", replays: [] }]);
  });

  it("takes no more than its limit, newest first, and says that others match", async () => {
    const now = Date.now();
    await world.services.queues.of("forensics", 0).pause();
    for (let index = 0; index < 5; index += 1)
      await failedAt("forensics", `evidence-${index}`, { incidentId: "inc-0-a-1", part: "after" }, now + index);
    const first = await letters().replay({ ...order, limit: 3, filter: { type: "evidence-after" } });
    expect(first.results.map(({ id }) => id)).toEqual(["evidence-4", "evidence-3", "evidence-2"]);
    expect(first.more).toBe(true);
    const rest = await letters().replay({ ...order, limit: 3, filter: { type: "evidence-after" } });
    expect([rest.results.length, rest.more]).toEqual([2, false]);
  });

  it("is refused where the ledger of actions may have forgotten what was done, a day before it is not", async () => {
    const day = 86_400_000;
    for (const days of [391, 389]) {
      await failedAt("contain", `old-${days}`, { incidentId: "inc-0-a-1" }, Date.now());
      const key = world.services.queues.of("contain", 0).toKey(`old-${days}`);
      await world.services.redis.hset(key, "timestamp", Date.now() - days * day);
    }
    const { results } = await letters().replay({ ...order, dryRun: true, filter: { queue: "contain" } });
    const answers = Object.fromEntries(results.map(({ id, answer }) => [id, answer]));
    expect(answers).toEqual({ "old-391": "too-old", "old-389": "would-replay" });
  });

  it("of a job that never was is said to be of none", async () => {
    await expect(letters().replay({ ...order, filter: { id: "never" } })).rejects.toMatchObject({ code: "not-found" });
    expect(await letters().show("freeze", "never")).toBeNull();
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
        return failedAt(queue, `job-${index}`, data as never, index < 300 ? at : at - index);
      }),
    );
    const seen: DeadLetter[] = [];
    let after: string | undefined;
    let pages = 0;
    do {
      const page = await letters().list({}, 50, after);
      seen.push(...page.deadLetters);
      after = page.next ?? undefined;
      pages += 1;
      // What dies meanwhile moves no page.
      if (pages === 2) await failedAt("contain", "meanwhile", { incidentId: "inc-0-a-1" }, at + 60_000);
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
    await failedAt("correlate", "by-event", { eventId }, base);
    await failedAt("notification", "publication", { ...about, kind: "publish", what: "budget-frozen" }, base + 10);
    await failedAt("freeze", "caps", { seeCapsOf: "agent-a" }, base + 20);
    const found = async (filter: object) => ids(await list(filter));
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
    expect((await list({ id: "by-event" }))[0]).toMatchObject({ eventId, eventType: "reputation_change" });
  });

  it("goes on where a filter left nothing of what was looked at", async () => {
    await failedAt("contain", "job", { incidentId: "inc-0-a-1" }, Date.now());
    await expect(letters().list({}, 10, "nonsense")).rejects.toMatchObject({ code: "input-invalid" });
    expect(await letters().list({ agent: "nobody" }, 10)).toEqual({ deadLetters: [], examined: 1, next: null });
  });
});

describe("what people are told of dead letters", () => {
  const pages = async () => {
    const jobs = await world.services.queues.of("notification", 0).getJobs(["waiting", "delayed"]);
    return jobs.filter(({ data }) => data.what === "dead-letter");
  };

  it("is one page for the first, and one at the end of ten minutes for all others", async () => {
    await Promise.all(Array.from({ length: 40 }, (_, index) => deadFreeze(`stranger-${index}`)));
    const told = await until(async () => ((await pages()).length === 2 ? pages() : null), "both pages");
    const first = told.find(({ delay }) => delay === 0);
    const rest = told.find(({ delay }) => delay > 0);
    expect(first?.data).toMatchObject({ kind: "page", incidentId: null, deadLetter: { queue: "freeze" } });
    expect(rest?.delay).toBeLessThanOrEqual(600_000);
    expect(rest?.id).toBe(`${first?.id}-more`);
  });
});
