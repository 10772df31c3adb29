import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sweepInbox, sweepIncidents } from "../../src/contain/sweep.ts";
import { keys } from "../../src/redis/keys.ts";
import { type QuietWorld, quietWorld } from "./quiet-world.ts";

let world: QuietWorld;
beforeEach(async () => {
  world = await quietWorld();
});
afterEach(() => world.close());

const budgetAt = (utilization_pct: number) => ({
  event_type: "budget_threshold",
  agent_id: "agent-7",
  payload: { utilization_pct },
});
const waitsSince = (eventId: string, ageMs: number) => world.services.redis.zincrby(keys.pending(0), -ageMs, eventId);
const loseJob = async (queue: "freeze" | "correlate", eventId: string) => {
  await (await world.services.queues.of(queue, 0).getJob(eventId))!.remove();
};

describe("an accepted event that nobody answered for", () => {
  it("is queued again when its job is gone, in the queue it belongs to", async () => {
    const alone = (await world.deliver(budgetAt(97))).eventId;
    const windowed = (await world.deliver(budgetAt(50))).eventId;
    await loseJob("freeze", alone);
    await loseJob("correlate", windowed);
    for (const eventId of [alone, windowed]) await waitsSince(eventId, 11_000);
    expect(await sweepInbox(world.ports, 0)).toBe(2);
    expect(await world.jobs("freeze")).toEqual([expect.stringContaining(`${alone}-again-`)]);
    expect(await world.jobs("correlate")).toEqual([expect.stringContaining(`${windowed}-again-`)]);
    const [job] = await world.services.queues.of("freeze", 0).getJobs();
    expect(await world.freeze(job!.data)).toMatchObject({ answer: "opened" });
  });

  it("is queued again once in a while, not with every sweep", async () => {
    const { eventId } = await world.deliver(budgetAt(97));
    await loseJob("freeze", eventId);
    await waitsSince(eventId, 11_000);
    const clock = { ...world.ports.clock, now: async () => 1_000_000 };
    for (let sweep = 0; sweep < 3; sweep += 1) await sweepInbox({ ...world.ports, clock }, 0);
    expect(await world.jobs("freeze")).toHaveLength(1);
  });

  it("is queued again in the trace that it came in with", async () => {
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const { eventId } = await world.deliver(budgetAt(97));
    await world.services.redis.hset(keys.event(0, eventId), "trace", traceparent);
    await loseJob("freeze", eventId);
    await waitsSince(eventId, 11_000);
    await sweepInbox(world.ports, 0);
    const [job] = await world.services.queues.of("freeze", 0).getJobs();
    expect(job?.opts.telemetry?.metadata).toBe(traceparent);
  });

  it("is left alone while its job lives, while it is young, and once it is answered for", async () => {
    const live = (await world.deliver(budgetAt(97))).eventId;
    const young = (await world.deliver(budgetAt(98))).eventId;
    const answered = (await world.deliver(budgetAt(99))).eventId;
    await waitsSince(live, 20_000);
    await loseJob("freeze", young);
    await loseJob("freeze", answered);
    await waitsSince(answered, 20_000);
    await world.services.inbox.dispose(answered, "ignored", "by hand");
    expect(await sweepInbox(world.ports, 0)).toBe(0);
  });

  it("is told of loudly after 30 s", async () => {
    const errors: unknown[] = [];
    const log = { ...world.ports.log, error: (fields: unknown, what: string) => errors.push([what, fields]) };
    const { eventId } = await world.deliver(budgetAt(97));
    await waitsSince(eventId, 29_000);
    await sweepInbox({ ...world.ports, log }, 0);
    expect(errors).toEqual([]);
    await waitsSince(eventId, 2_000);
    await sweepInbox({ ...world.ports, log }, 0);
    expect(errors).toEqual([["inbox.overdue", expect.objectContaining({ eventId })]]);
  });
});

describe("an open incident whose job was lost", () => {
  it("is woken when its look is due", async () => {
    const { incidentId } = await world.freeze(await world.handOver());
    expect(await sweepIncidents(world.ports, 0)).toBe(0);
    await world.services.incidents.attend(incidentId!, -1);
    expect(await sweepIncidents(world.ports, 0)).toBe(1);
    expect((await world.jobs("contain")).join()).toContain(`look-${incidentId}`);
    expect(await sweepIncidents(world.ports, 0)).toBe(0);
  });
});
