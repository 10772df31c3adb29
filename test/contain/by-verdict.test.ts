import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { aSignal } from "../redis/open-request.ts";
import { type QuietWorld, quietWorld } from "./quiet-world.ts";

let world: QuietWorld;
beforeEach(async () => {
  world = await quietWorld();
});
afterEach(() => world.close());

const agentId = "agent-7";
/** A verdict that no event answers for: a person's, or a cascade's. */
async function decided(given: { signalId?: string } = {}) {
  const signal = aSignal({ agentId, ...(given.signalId && { id: given.signalId }) });
  await world.services.verdicts.keep({ signal, tier: "auto-contain", decidedBy: "a person" });
  return { eventId: null, agentId, signalId: signal.id } as const;
}
const standDown = async (incidentId: string) => {
  await world.services.incidents.beginStandDown(incidentId, "mira", "false alarm");
  await world.services.incidents.setStatus(incidentId, "stood-down", "recover", {});
};
const freezes = async () => (await world.admin.effects("budget.set")).filter(({ caps }) => caps?.daily === "0.00");

describe("a verdict that no event answers for", () => {
  it("freezes its agent and says whose it was", async () => {
    const { answer, incidentId } = await world.freeze(await decided());
    expect(answer).toBe("opened");
    expect((await world.agent()).caps).toMatchObject({ daily: "0.00", monthly: "0.00" });
    expect(await world.services.incidents.load(incidentId!)).toMatchObject({ decidedBy: "a person", dryRun: false });
  });

  it("joins the open incident of its agent", async () => {
    const { incidentId } = await world.freeze(await world.handOver());
    expect(await world.freeze(await decided())).toEqual({ answer: "joined", incidentId });
  });

  it("is answered once: replayed after its incident is over, it writes nothing (G14)", async () => {
    const job = await decided();
    const { incidentId } = await world.freeze(job);
    await standDown(incidentId!);
    const before = (await freezes()).length;
    expect(await world.freeze(job)).toEqual({ answer: "answered", incidentId });
    expect((await freezes()).length).toBe(before);
    expect((await world.services.incidents.list(10)).length).toBe(1);
  });

  it("replayed while another incident is open, it does not join that one either", async () => {
    const job = await decided();
    const { incidentId: first } = await world.freeze(job);
    await standDown(first!);
    const { incidentId: second } = await world.freeze(await decided());
    expect(second).not.toBe(first);
    expect(await world.freeze(job)).toEqual({ answer: "answered", incidentId: first });
    expect((await world.services.incidents.signals(second!)).map(({ id }) => id)).not.toContain(job.signalId);
  });

  it("that nobody kept freezes nobody", async () => {
    const answer = await world.freeze({ eventId: null, agentId, signalId: "sig-none" });
    expect(answer).toEqual({ answer: "no-verdict" });
    expect(await world.services.incidents.list(10)).toEqual([]);
  });

  it("knows its incident afterwards", async () => {
    const job = await decided();
    const { incidentId } = await world.freeze(job);
    expect(await world.services.verdicts.load(agentId, job.signalId)).toMatchObject({ incidentId });
  });
});

describe("an event that carries its own verdict", () => {
  it("leaves it among the verdicts, named by the event", async () => {
    const { eventId } = await world.deliver({
      event_type: "budget_threshold",
      agent_id: agentId,
      payload: { utilization_pct: 97 },
    });
    const { incidentId } = await world.freeze({ eventId, agentId, signalId: null });
    expect(await world.services.verdicts.recent(5)).toMatchObject([
      { eventId, incidentId, tier: "auto-contain", signal: { kind: "budget-exhaustion", why: { events: [eventId] } } },
    ]);
  });
});
