import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type QuietWorld, quietWorld } from "./quiet-world.ts";

let world: QuietWorld;
beforeEach(async () => {
  world = await quietWorld();
});
afterEach(() => world.close());

const dispositionOf = async (eventId: string) => {
  const event = await world.services.inbox.load(eventId);
  return [event?.disposition, event?.reason];
};
const idsOf = (job: unknown) => job as { eventId: string; signalId: string };

describe("when a signal is handed over", () => {
  it("opens an incident, answers for the event, and hands on before the gateway is asked", async () => {
    const job = await world.handOver();
    let waiting: string[] = [];
    const { gateway } = world.ports;
    const { answer, incidentId } = await world.freeze(job, {
      gateway: {
        ...gateway,
        async setBudget(...args) {
          waiting = [...(await world.jobs("contain")), ...(await world.jobs("forensics"))];
          return gateway.setBudget(...args);
        },
      },
    });
    expect(answer).toBe("opened");
    expect(waiting.join(" ")).toContain(`contain-${incidentId}`);
    expect(await dispositionOf(idsOf(job).eventId)).toEqual(["acted", `${incidentId} escrow-burst`]);
    expect((await world.agent()).caps).toMatchObject({ daily: "0.00", monthly: "0.00" });
    expect(await world.services.incidents.load(incidentId!)).toMatchObject({ status: "containing", priority: "P0" });
    expect((await world.jobs("notification")).join()).toContain(`page-${incidentId}-runaway-spending-not-frozen`);
  });

  it("whose event alone proves it carries its own verdict", async () => {
    const { eventId } = await world.deliver({
      event_type: "budget_threshold",
      agent_id: "agent-7",
      payload: { utilization_pct: 97 },
    });
    const { incidentId } = await world.freeze({ eventId, agentId: "agent-7", signalId: null });
    const [signal] = await world.services.incidents.signals(incidentId!);
    expect(signal).toMatchObject({ kind: "budget-exhaustion", why: { events: [eventId] } });
  });

  it("and there is no such event, or no verdict, nothing happens", async () => {
    expect(await world.freeze({ eventId: "evt-0-none", agentId: "agent-7", signalId: null })).toEqual({
      answer: "no-event",
    });
    const { eventId } = idsOf(await world.handOver());
    expect(await world.freeze({ eventId, agentId: "agent-7", signalId: "sig-none" })).toEqual({ answer: "no-event" });
    expect(await world.admin.effects("budget.set")).toHaveLength(1);
  });
});

describe("when a second signal of the agent comes", () => {
  it("joins the open incident, and both events are answered for", async () => {
    const [first, second] = [await world.handOver(), await world.handOver({ kind: "payee-concentration" })];
    const { incidentId } = await world.freeze(first);
    expect(await world.freeze(second)).toEqual({ answer: "joined", incidentId });
    expect(await dispositionOf(idsOf(second).eventId)).toEqual(["joined", `${incidentId} payee-concentration`]);
    expect(await world.services.incidents.list(10)).toHaveLength(1);
    expect((await world.services.incidents.view(incidentId!))?.signals).toHaveLength(2);
  });

  it("of higher priority, its runbook takes over: what the first left alone is taken back too", async () => {
    await world.admin.holdEscrows("agent-7", "suspect", "150.00", 2);
    await world.admin.holdEscrows("agent-7", "honest", "20.00", 1);
    const id = await world.contained({ kind: "payee-concentration", suspectPayee: "suspect" });
    expect(await world.agent()).toMatchObject({ escrows: { held: 1, refunded: 2 } });
    expect(await world.services.incidents.load(id)).toMatchObject({ runbook: "escrow-exploitation", priority: "P1" });

    await world.freeze(await world.handOver({ kind: "escrow-burst", suspectPayee: "suspect" }));
    expect(await world.services.incidents.load(id)).toMatchObject({
      runbook: "runaway-spending",
      priority: "P0",
      status: "containing",
    });
    expect(await world.contain(id)).toEqual({ answer: "contained" });
    expect(await world.agent()).toMatchObject({ escrows: { held: 0, refunded: 3 } });
    expect((await world.services.incidents.view(id))!.dollars).toEqual({
      locked: "320.00",
      recovered: "320.00",
      lost: "0.00",
    });
  });
});

describe("when a done job is played again (G14)", () => {
  it("writes nothing to the gateway: not the freeze, not the containment, not the same signal again", async () => {
    await world.admin.holdEscrows("agent-7", "flaky-upstream", "150.00", 2);
    const job = await world.handOver();
    const { incidentId } = await world.freeze(job);
    await world.contain(incidentId!);
    const before = await world.admin.effects();
    for (let again = 0; again < 3; again += 1) {
      expect(await world.freeze(job)).toEqual({ answer: "decided-before", incidentId });
      await world.contain(incidentId!);
    }
    expect(await world.admin.effects()).toEqual(before);
    expect(await world.services.incidents.list(10)).toHaveLength(1);
  });

  it("after the incident is over, opens nothing anew", async () => {
    const job = await world.handOver();
    const { incidentId } = await world.freeze(job);
    await world.contain(incidentId!);
    await world.services.incidents.beginStandDown(incidentId!, "ada", "planned");
    await world.services.incidents.setStatus(incidentId!, "stood-down", "recover", {});
    await world.admin.setCaps("agent-7", "500.00", "15000.00");
    expect(await world.freeze(job)).toEqual({ answer: "decided-before" });
    expect((await world.agent()).caps.daily).toBe("500.00");
    expect(await world.services.incidents.list(10)).toHaveLength(1);
  });

  it("finishes what the first attempt died before: the freeze itself", async () => {
    const job = await world.handOver();
    const gateway = { ...world.ports.gateway, setBudget: () => Promise.reject(new Error("killed")) };
    await expect(world.freeze(job, { gateway })).rejects.toThrow("is not done");
    expect((await dispositionOf(idsOf(job).eventId))[0]).toBe("acted");
    await world.services.redis.hset(`{tq:0}:action:freeze:agent-7:1`, "exp", 0);
    expect(await world.freeze(job)).toMatchObject({ answer: "decided-before" });
    expect((await world.agent()).caps).toMatchObject({ daily: "0.00", monthly: "0.00" });
  });
});

describe("when the gateway does not take the freeze", () => {
  it("pages at once, stays unfrozen in its own words, and keeps the job for the queue", async () => {
    await world.admin.fault({ match: { tool: "set_budget_cap" }, kind: "500-before", times: 3 });
    const job = await world.handOver();
    await expect(world.freeze(job)).rejects.toMatchObject({ code: "containment-incomplete" });
    const { id, effectiveAt } = await world.incident();
    expect(effectiveAt).toBeNull();
    expect(await world.jobs("notification")).toContain(`page-${id}-freeze-failing`);
    expect(await world.freeze(job)).toMatchObject({ answer: "decided-before" });
    expect((await world.agent()).caps.daily).toBe("0.00");
    expect(await world.services.caps.snapshot("agent-7", id)).toMatchObject({ dailyCap: 50_000_000_000n });
  });
});

describe("when a window is filling", () => {
  it("learns the caps without opening anything, so that a freeze needs no read", async () => {
    expect(await world.freeze({ seeCapsOf: "agent-7" })).toEqual({ answer: "caps-seen" });
    expect(await world.services.incidents.list(10)).toEqual([]);
    const gateway = { ...world.ports.gateway, readBudget: () => Promise.reject(new Error("must not be read")) };
    const { incidentId } = await world.freeze(await world.handOver(), { gateway });
    expect(await world.services.caps.snapshot("agent-7", incidentId!)).toMatchObject({
      dailyCap: 50_000_000_000n,
      source: "last-seen",
    });
  });
});
