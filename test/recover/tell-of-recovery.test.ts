import { afterEach, describe, expect, it } from "vitest";
import { announcementOf } from "../../src/notify/announcement.ts";
import { tellOfRecovery } from "../../src/recover/tell-of-recovery.ts";
import { containPorts } from "../../src/work.ts";
import { openRequest } from "../redis/open-request.ts";
import { createWorld, type World } from "../support/world.ts";

const agentId = "procurement-7";
const fleet = `fleet: { agents: [{ id: ${agentId}, service: svc-catalogue }] }`;
const idle = { workers: [], ticker: false } as const;
const askedAt = 1_700_000_000_000;
let world: World;
afterEach(() => world.close());

async function recovered(options: Parameters<typeof createWorld>[0]) {
  world = await createWorld({ ...idle, ...options });
  await world.admin.placeAgent(agentId, { dailyCap: "500.00" });
  const { incidentId } = await world.services.incidents.open(openRequest({ agentId, occurredAt: askedAt }));
  const incident = (await world.services.incidents.load(incidentId))!;
  const recovery = { ...recoveryFacts, askedAt: incident.openedAt - 60_000 };
  return { ...incident, recovery };
}
const recoveryFacts = {
  ...{ by: "ada", rootCause: "retry loop", fix: "v2.3", gates: {}, epoch: 2, rungs: [], rung: null, rungAt: null },
  ...{ dueAt: null, normalAt: null, stepBacks: 1 },
};
const tell = (incident: Awaited<ReturnType<typeof recovered>>, instead = {}) =>
  tellOfRecovery({ ...containPorts(world.services), ...instead }, incident, new AbortController().signal);
const effectsOf = async (effect: string) =>
  (await world.admin.effects(effect)).filter((one) => one.agentId === agentId);

describe("when an agent is back", () => {
  it("tells the gateway once what it takes: metrics, a neutral rating and the event, however often it is replayed", async () => {
    const incident = await recovered({ dialect: "tools", settings: fleet });
    const told = await tell(incident);
    expect(told).toEqual({ metrics: "submitted", rating: "rated svc-catalogue" });
    expect(await tell(incident)).toEqual(told);
    await world.services.redis.del(`{tq:0}:incident:${incident.id}:receipts`);
    expect(await tell(incident)).toEqual(told);
    expect(await world.admin.effects("metrics.submitted")).toMatchObject([
      {
        agentId,
        idempotencyKey: `recovery-metrics:${incident.id}`,
        detail: expect.stringContaining("incident_recovery"),
      },
    ]);
    expect(await world.admin.effects("service.rated")).toMatchObject([{ detail: "svc-catalogue" }]);
    const waiting = await world.services.redis.lrange("{tq:0}:notification:wait", 0, -1);
    expect(waiting.filter((id) => id === `publish-${incident.id}-incident-resolved`)).toHaveLength(1);
  });

  it("keeps in the incident what the real gateway refuses, and goes on", async () => {
    const incident = await recovered({ dialect: "rest", settings: fleet });
    const told = await tell(incident);
    expect(told).toEqual({
      metrics: expect.stringMatching(/^not-done: .*invalid-metric/),
      rating: "rated svc-catalogue",
    });
    const step = (await world.services.incidents.view(incident.id))!.steps.find(
      ({ step }) => step === "tell-of-recovery",
    );
    expect(step).toMatchObject({ status: "done", result: told });
  });

  it("rates nothing where the settings name no service and the gateway rates services only", async () => {
    const incident = await recovered({ dialect: "rest" });
    expect((await tell(incident)).rating).toBe("not asked for: the settings name no service of this agent");
    expect(await world.admin.effects("service.rated")).toEqual([]);
  });

  it("rates the agent itself where the gateway rates agents", async () => {
    const incident = await recovered({ dialect: "tools" });
    expect((await tell(incident)).rating).toBe(`rated ${agentId}`);
  });

  it("sends nothing a second time after an answer that never came, and holds up nothing", async () => {
    const incident = await recovered({ dialect: "tools" });
    const services = containPorts(world.services);
    const lost = new Error("killed");
    const gateway = {
      ...{
        dialect: "tools" as const,
        submitMetrics: () => Promise.reject(lost),
        rateService: () => Promise.reject(lost),
      },
    };
    await expect(tell(incident, { gateway })).rejects.toThrow("killed");
    const begun = "begun before, and not heard what came of it";
    expect(await tellOfRecovery(services, incident, new AbortController().signal)).toEqual({
      metrics: begun,
      rating: begun,
    });
    expect(await effectsOf("metrics.submitted")).toEqual([]);
  });

  it("says nothing of one that new trouble superseded: it is not back", async () => {
    const incident = await recovered({ dialect: "tools", settings: fleet });
    expect(await tell({ ...incident, supersededBy: "inc-0-a-2" } as typeof incident)).toEqual({
      metrics: "not told",
      rating: "not told",
    });
    expect(await world.services.redis.lrange("{tq:0}:notification:wait", 0, -1)).toEqual([]);
    expect(await world.admin.effects("metrics.submitted")).toEqual([]);
  });
});

describe("the event that everybody may read", () => {
  it("has durations and counts, and the planned end where the end is not written yet", async () => {
    const incident = await recovered({ dialect: "rest" });
    const at = { receivedAt: askedAt, openedAt: askedAt, containedAt: askedAt + 2_000, closedAt: askedAt + 900_000 };
    const over = { ...incident, ...at, recovery: { ...incident.recovery, askedAt: askedAt + 600_000 } };
    expect(announcementOf(over, "incident-resolved")).toEqual({
      eventType: "incident_resolved",
      payload: {
        ...{ incident_id: incident.id, priority: "P0", runbook: "runaway-spending", freeze_ms: null },
        ...{ containment_ms: 2_000, within_60_s: true },
        ...{ recovery_asked_ms: 600_000, resolved_ms: 900_000, rungs: 0, step_backs: 1 },
      },
    });
    const planned = { ...over, closedAt: null, recovery: { ...over.recovery, normalAt: askedAt + 901_000 } };
    expect(announcementOf(planned, "incident-resolved").payload).toMatchObject({ resolved_ms: 901_000 });
    expect(announcementOf({ ...planned, recovery: null }, "incident-resolved").payload).toMatchObject({
      ...{ recovery_asked_ms: null, resolved_ms: null, rungs: 0, step_backs: 0 },
    });
  });
});
