import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { admitActivity } from "../../src/detect/admit-activity.ts";
import { deadQueues } from "../../src/incident/dead-letter.ts";
import type { IncidentView } from "../../src/incident/incident.ts";
import { askRecovery } from "../../src/recover/ask-recovery.ts";
import { askStandDown } from "../../src/recover/ask-stand-down.ts";
import { until } from "../support/until.ts";
import { createWorld, type World } from "../support/world.ts";

/** A burst at two agents of one wallet, which makes a cascade; and an agent that carries data out. */
const fleet = `
fleet:
  agents:
    - { id: buyer-1, wallet: ops, tools: [http_request] }
    - { id: buyer-2, wallet: ops }
    - { id: thief, tools: [http_request] }
    - { id: beside, tools: [http_request] }
recovery:
  rungs: [{ afterMs: 0, percent: 50 }, { afterMs: 500, percent: 100 }]
  normalAfterMs: 1000
  lookEveryMs: 1000
`;
const agents = ["buyer-1", "buyer-2", "thief", "beside"];
let world: World;
beforeAll(async () => {
  world = await createWorld({ settings: fleet });
  for (const agentId of agents) await world.admin.placeAgent(agentId);
});
afterAll(() => world.close());

const incidents = () => world.services.incidents.list(50);
const untilAll = (statuses: readonly string[]) =>
  until(
    async () => {
      const found = await incidents();
      return found.length === 3 && found.every(({ status }) => statuses.includes(status)) && found;
    },
    `three incidents that are ${statuses}`,
    60_000,
  );
const bulls = () => world.services.queues.all().flatMap(({ queue, bull }) => (queue === "watch" ? [] : [bull]));

/** Also what waits for a later time is done now. */
async function untilIdle(): Promise<void> {
  await until(
    async () => {
      await Promise.all(bulls().map((bull) => bull.promoteJobs()));
      const counts = await Promise.all(bulls().map((bull) => bull.getJobCounts("waiting", "active", "delayed")));
      return counts.every((count) => Object.values(count).every((jobs) => jobs === 0));
    },
    "every queue to be idle",
    60_000,
    50,
  );
}

/** Every call that is no look, at the gateway or at the agents' platform, however it was answered. */
async function writes(): Promise<Record<string, number>> {
  const answer = await fetch(`${world.sandbox.url}/_sandbox/requests`, {
    headers: { authorization: "Bearer sandbox-admin-tests" },
  });
  const { byRoute } = (await answer.json()) as { byRoute: Record<string, Record<string, number>> };
  const changing = Object.entries(byRoute).filter(
    ([tool]) => !/^(get|list|read|verify|search|check|build)_|_state$/.test(tool),
  );
  return Object.fromEntries(
    changing.map(([tool, answers]) => [tool, Object.values(answers).reduce((sum, count) => sum + count, 0)]),
  );
}

async function trouble(): Promise<void> {
  const tell = (agent_id: string) =>
    world.deliver({ event_type: "budget_threshold", agent_id, payload: { utilization_pct: 99 } });
  await world.admin.holdEscrows("buyer-1", "flaky-upstream", "150.00", 4);
  await Promise.all([tell("buyer-1"), tell("buyer-2")]);
  const sent = { agent_id: "thief", type: "tool_call", details: { tool_name: "http_request", body_bytes: 48_000 } };
  const told = await admitActivity(world.services, { rawBody: Buffer.from(JSON.stringify(sent)), signedId: null });
  expect(told).toMatchObject({ entries: [expect.anything()] });
}

/** As they would lie there after an outage that outlived their attempts. */
async function letAllDie(): Promise<number> {
  let died = 0;
  for (const bull of bulls())
    for (const job of await bull.getJobs(["completed"])) {
      const finishedOn = Date.now();
      await world.services.redis
        .multi()
        .zrem(bull.toKey("completed"), job.id!)
        .hdel(bull.toKey(job.id!), "returnvalue")
        .hset(bull.toKey(job.id!), { finishedOn, failedReason: "gateway-failed: an outage" })
        .zadd(bull.toKey("failed"), finishedOn, job.id!)
        .exec();
      died += 1;
    }
  return died;
}

describe("when everything that was ever done for finished incidents is replayed three times", () => {
  let finished: readonly IncidentView[];
  let before: Record<string, number>;
  beforeAll(async () => {
    await trouble();
    // Where a cascade began recovers first (RB5); here the others are called off, and nobody waits for them.
    for (const { id: incidentId, agentId } of await untilAll(["contained"]))
      if (agentId !== "thief") await askStandDown(world.services, { incidentId, by: "ada", reason: "a drill" });
    await until(
      async () => (await incidents()).filter(({ closedAt }) => closedAt !== null).length === 2,
      "both to end",
    );
    const [{ id } = { id: "" }] = (await incidents()).filter(({ agentId }) => agentId === "thief");
    await askRecovery(world.services, { incidentId: id, by: "ada", rootCause: "a prompt", fix: "another prompt" });
    finished = await untilAll(["stood-down", "resolved"]);
    for (const { id: incidentId } of finished)
      await world.services.dispatch.add("forensics", incidentId, `post-mortem-${incidentId}`, {
        ...{ incidentId, part: "post-mortem" },
      });
    await untilIdle();
    before = await writes();
  }, 120_000);

  it("nothing is written to the gateway or to the agents' platform that was written before", async () => {
    expect(before).toMatchObject({ set_budget_cap: expect.any(Number), publish_event: expect.any(Number) });
    const replayed = new Set<string>();
    for (let round = 1; round <= 3; round += 1) {
      const died = await letAllDie();
      const order = { filter: {}, limit: 1_000, dryRun: false, by: "ada", reason: `round ${round}` };
      const { results, more } = await world.services.deadLetters.replay(order);
      expect([results.length, more]).toEqual([died, false]);
      expect(results.filter(({ answer }) => answer !== "replayed")).toEqual([]);
      for (const { queue } of results) replayed.add(queue);
      await untilIdle();
    }
    expect([...replayed].sort()).toEqual([...deadQueues].sort());
    expect((await world.services.deadLetters.list({}, 10)).deadLetters).toEqual([]);
    expect(await writes()).toEqual(before);
    for (const { id, status } of finished)
      expect((await world.services.incidents.view(id))?.status, "it stays over").toBe(status);
    expect(await incidents()).toHaveLength(finished.length);
    const caps = (await world.admin.state()).agents.map(({ caps: { daily } }) => daily);
    expect(new Set(caps)).toEqual(new Set(["500.00"]));
  }, 120_000);

  it("what was learned from each is proposed once, of what a threshold of its own decided", async () => {
    const tunings = await world.services.tunings.list(10);
    const changes = tunings.map(({ agentId, path, direction, state }) => [agentId, path, direction, state].join(" "));
    expect(changes.sort()).toEqual([
      "buyer-1 budgetExhaustionPct looser open",
      "buyer-2 budgetExhaustionPct looser open",
    ]);
    for (const { id } of finished) expect(await world.services.postMortems.load(id), id).not.toBeNull();
  });

  it("the timeline of each says who replayed what, and why", async () => {
    for (const { id } of finished) {
      const lines = (await world.services.incidents.view(id))?.timeline ?? [];
      const said = lines.filter(({ what }) => what === "dead-letter-replayed");
      expect(said.length).toBeGreaterThan(3);
      expect(said[0]!.detail).toMatchObject({ by: "ada", reason: "round 1", cause: { code: "gateway-failed" } });
      expect(new Set(said.map(({ detail }) => detail.queue)).size).toBeGreaterThan(3);
    }
  });

  it("jobs that only were done, and are retried at the queue itself, write nothing either", async () => {
    for (let round = 1; round <= 3; round += 1) {
      for (const bull of bulls())
        for (const job of await bull.getJobs(["completed"]))
          await job.retry("completed", { resetAttemptsMade: true, resetAttemptsStarted: true });
      await untilIdle();
    }
    expect(await writes()).toEqual(before);
  }, 120_000);
});
