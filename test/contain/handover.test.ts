import { afterEach, describe, expect, it } from "vitest";
import { correlate } from "../../src/detect/correlate.ts";
import { runWorker } from "../../src/worker.ts";
import { createWorld, type World } from "../support/world.ts";

let world: World;
let containment: ReturnType<typeof runWorker> | undefined;
afterEach(async () => {
  await containment?.close(5_000);
  containment = undefined;
  await world.close();
});

/** So many escrows of the agent, delivered and not yet judged; answers the ids of their events. */
async function delivered(count: number, amount = (_: number) => "150.00"): Promise<string[]> {
  world = await createWorld({ workers: [], ticker: false });
  await world.admin.placeAgent("agent-7");
  const events: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const escrow = { payer: "agent-7", payee: "flaky-upstream", amount: amount(index) };
    const escrow_id = await world.admin.createEscrow(escrow.payer, escrow.payee, escrow.amount);
    const body = { event_type: "escrow_state_change", payload: { ...escrow, escrow_id, status: "held" } };
    events.push((await world.deliver(body)).eventId);
  }
  return events;
}

const contained = () => {
  containment = runWorker("containment", world.services);
  return world.untilStatus("contained");
};

/** A worker that dies between keeping the verdict and adding the job that acts on it. */
async function dieBeforeTheJob(eventId: string): Promise<void> {
  const real = world.services.dispatch;
  const add: typeof real.add = (queue, to, jobId, ...rest) =>
    jobId.startsWith("freeze-") ? Promise.reject(new Error("killed")) : real.add(queue, to, jobId, ...rest);
  const dispatch = { ...real, add };
  await expect(correlate({ ...world.services, dispatch }, { eventId })).rejects.toThrow("killed");
}

describe("when the worker that concluded the signal dies before it handed it over", () => {
  it("is handed over by the next event, and the agent is contained", async () => {
    const events = await delivered(9);
    for (const eventId of events.slice(0, 7)) await correlate(world.services, { eventId });
    await dieBeforeTheJob(events[7]!);
    expect(await correlate(world.services, { eventId: events[8]! })).toEqual({ answer: "joined" });
    const incident = await contained();
    expect(incident.dollars).toMatchObject({ locked: "1350.00", recovered: "1350.00" });
  });

  it("is handed over by its own second attempt", async () => {
    const events = await delivered(8);
    for (const eventId of events.slice(0, 7)) await correlate(world.services, { eventId });
    await dieBeforeTheJob(events[7]!);
    expect(await correlate(world.services, { eventId: events[7]! })).toEqual({ answer: "handed-over" });
    expect((await contained()).agentId).toBe("agent-7");
    expect((await world.services.inbox.stats()).pending).toBe(0);
  });
});

describe("when one event proves two things", () => {
  it("opens one incident that both signals are in", async () => {
    const events = await delivered(11, (index) => (index < 10 ? `${140 + index}.00` : "9000.00"));
    for (const eventId of events) await correlate(world.services, { eventId });
    const incident = await contained();
    expect(incident.signals.map(({ kind }) => kind).sort()).toEqual(["escrow-burst", "payee-concentration"]);
    expect(incident.runbook).toBe("runaway-spending");
  });
});
