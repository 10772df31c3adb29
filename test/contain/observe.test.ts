import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { incidentLines } from "../../src/cli/incident-text.ts";
import { TourniquetError } from "../../src/errors.ts";
import { presentIncident } from "../../src/incident/present.ts";
import { askStandDown } from "../../src/recover/ask-stand-down.ts";
import { standDown } from "../../src/recover/stand-down.ts";
import { keys } from "../../src/redis/keys.ts";
import { readSettings } from "../../src/settings/settings.ts";
import { containPorts } from "../../src/work.ts";
import { type QuietWorld, quietWorld } from "./quiet-world.ts";

let world: QuietWorld;
/** How many writes it took to set the scene. */
let placed: number;
beforeEach(async () => {
  world = await quietWorld();
  switchTo("mode: observe");
  placed = (await writes()).length;
});
afterEach(() => world.close());

const HOUR = 3_600_000;
const agentId = "agent-7";
/** As after SIGHUP. */
const switchTo = (yaml: string) => world.services.heldSettings.reload(() => readSettings(yaml, {}));
const writes = async () =>
  (await world.admin.effects())
    .filter(({ effect }) => !effect.startsWith("escrow.created"))
    .map(({ effect }) => effect);
const standDownOf = async (incidentId: string) => {
  await askStandDown(world.services, { incidentId, by: "mira", reason: "enough seen" });
  const ports = containPorts({ ...world.services, ...world.services.ordered });
  return standDown(ports, { incidentId }, new AbortController().signal);
};
const observed = async () => {
  const incidentId = await world.contained();
  const view = await world.services.incidents.view(incidentId);
  return view!;
};

describe("in observe-only mode (P5)", () => {
  it("everything is decided and recorded, and nothing is done", async () => {
    await world.admin.holdEscrows(agentId, "flaky-upstream", "150.00", 3);
    const before = await writes();
    const incident = await observed();
    expect(incident).toMatchObject({ status: "observed", dryRun: true, requestedAt: null, effectiveAt: null });
    expect(await writes()).toEqual(before);
    expect((await world.agent()).caps.daily).not.toBe("0.00");
    const would = incident.timeline.find(({ what }) => what === "observed")?.detail.would;
    expect(would).toEqual(["freeze-budget", "cancel-escrows"]);
    const shown = incidentLines(incident);
    expect(shown).toContain("dry run: nothing was done");
    expect(shown).toContain("would have  freeze-budget, cancel-escrows");
    expect(shown).toMatch(/^ {2}would {3}freeze-budget$/m);
    expect(shown).not.toContain("deadline");
  });

  it("what it would have taken back is counted, look by look, and is taken back nowhere", async () => {
    await world.admin.holdEscrows(agentId, "flaky-upstream", "150.00", 3);
    const { id, dollars } = await observed();
    expect(dollars).toMatchObject({ locked: "450.00", recovered: "0.00", lost: "0.00" });
    expect(presentIncident((await world.services.incidents.view(id))!, null).dollars).toMatchObject({
      ...{ atRisk: "450.00", isCounted: true },
    });
    const [first] = await world.admin.holdEscrows(agentId, "flaky-upstream", "50.00", 1);
    await world.contain(id);
    expect((await world.services.incidents.view(id))?.dollars.locked).toBe("500.00");
    await world.callAs(null, "POST", `/v1/payments/escrows/${first}/cancel`, {});
    await world.contain(id);
    expect((await world.services.incidents.view(id))?.dollars).toEqual({
      ...{ locked: "450.00", recovered: "0.00", lost: "0.00" },
    });
  });

  it("what a gateway that is away does not show is not called zero", async () => {
    await world.admin.holdEscrows(agentId, "flaky-upstream", "150.00", 3);
    const listEscrows = () => {
      throw new TourniquetError("gateway-timeout", "the gateway is away");
    };
    const { incidentId } = await world.freeze(await world.handOver());
    await world.contain(incidentId!, { gateway: { ...world.ports.gateway, listEscrows } as never });
    const view = (await world.services.incidents.view(incidentId!))!;
    expect(presentIncident(view, null)).toMatchObject({ status: "observed", dollars: { isCounted: false } });
    expect(presentIncident(view, null).dollars.atRisk).not.toBe("0.00");
    expect(incidentLines(view)).not.toMatch(/at risk +0.00/);
  });

  it("no write leaves, whatever tries; our own webhook may be registered", async () => {
    const { gateway } = world.services;
    const caps = { dailyCap: null, monthlyCap: null, alertThreshold: undefined };
    const action = "belt" as never;
    const tries = [
      gateway.setBudget(agentId, caps, action),
      gateway.setWalletFrozen(agentId, true, action),
      gateway.cancelEscrow(agentId, "esc-1", "belt", action),
      gateway.submitMetrics(agentId, {}, action),
      gateway.rateService(agentId, "s", 1, "r", action),
      gateway.publishEvent(agentId, "t", {}, action),
    ];
    for (const outcome of await Promise.all(tries))
      expect(outcome).toMatchObject({ outcome: "not-done", error: { code: "conflict", message: "observe-only mode" } });
    expect((await writes()).slice(placed)).toEqual([]);
    const hook = { url: "https://203.0.113.7/webhooks/greenhelix", eventTypes: ["budget_threshold"], secret: "s" };
    expect((await gateway.registerWebhook(agentId, hook)).outcome).not.toBe("not-done");
  });

  it("a dry run leaves no snapshot: what is restored one day are the caps of that day", async () => {
    await observed();
    expect(await world.services.redis.hexists(keys.agent(0, agentId), "snapAt")).toBe(0);
    await world.admin.setCaps(agentId, "800.00", "9000.00");
    switchTo("mode: act");
    const incidentId = await world.contained();
    expect((await world.agent()).caps.daily).toBe("0.00");
    expect((await standDownOf(incidentId)).answer).toBe("restored");
    expect((await world.agent()).caps).toMatchObject({ daily: "800.00", monthly: "9000.00" });
  });

  it("standing a dry run down restores nothing and moves no epoch", async () => {
    const incident = await observed();
    expect((await standDownOf(incident.id)).answer).toBe("nothing-was-done");
    expect(await world.services.redis.hget(keys.agent(0, agentId), "epoch")).toMatch(/^0?$/);
    expect((await writes()).slice(placed)).toEqual([]);
  });

  it("an incident from before is neither worked on nor held, but a person may stand it down", async () => {
    switchTo("mode: act");
    const incidentId = await world.contained();
    switchTo("mode: observe");
    await world.admin.setCaps(agentId, "500.00", null);
    expect(await world.contain(incidentId)).toEqual({ answer: "left-alone" });
    expect((await world.agent()).caps.daily).toBe("500.00");
    expect((await standDownOf(incidentId)).answer).toBe("restored");
  });

  it("back in act mode the hold of such an incident goes on", async () => {
    switchTo("mode: act");
    const incidentId = await world.contained();
    switchTo("mode: observe");
    await world.admin.setCaps(agentId, "500.00", null);
    await world.contain(incidentId);
    switchTo("mode: act");
    await world.contain(incidentId);
    expect((await world.agent()).caps.daily).toBe("0.00");
  });
});

describe("when the product acts again while a dry run is open", () => {
  it("the next signal makes a real incident of it, and every step is done", async () => {
    await world.admin.holdEscrows(agentId, "flaky-upstream", "150.00", 2);
    const dry = await observed();
    expect((await world.jobs("notification")).filter((id) => id.includes("in-time"))).toEqual([]);
    switchTo("mode: act");
    const { answer, incidentId } = await world.freeze(await world.handOver());
    expect([answer, incidentId]).toEqual(["joined", dry.id]);
    expect((await world.jobs("notification")).filter((id) => id.includes("in-time"))).toHaveLength(2);
    expect((await world.agent()).caps.daily).toBe("0.00");
    await world.contain(dry.id);
    const real = await world.services.incidents.view(dry.id);
    expect(real).toMatchObject({ status: "contained", dryRun: false, dollars: { recovered: "300.00" } });
    expect(real?.steps.map(({ step }) => step)).toEqual(
      expect.arrayContaining(["record-budget-cap", "freeze-budget", "cancel-escrows", "dry-run freeze-budget"]),
    );
    expect((await standDownOf(dry.id)).answer).toBe("restored");
  });
});

describe("a dry run", () => {
  it("of one runbook alone leaves the others acting", async () => {
    switchTo("runbooks: { runaway-spending: { dryRun: true } }");
    expect((await observed()).status).toBe("observed");
    expect((await world.agent()).caps.daily).not.toBe("0.00");
    const { incidentId } = await world.freeze(await world.handOver({ kind: "payee-concentration" }));
    expect(await world.services.incidents.load(incidentId!)).toMatchObject({ dryRun: false });
    expect((await world.agent()).caps.daily).toBe("0.00");
  });

  it("ends by itself when the trouble has been quiet for an hour, and not before", async () => {
    const { id: incidentId, signals } = await observed();
    const { redis } = world.services;
    const wasAgo = async (ms: number) => {
      const at = (await world.services.clock.now()) - ms;
      await redis.hset(keys.incident(0, incidentId), "openedAt", at, "joinedAt", at);
      for (const signal of signals)
        await redis.hset(keys.signals(0, incidentId), signal.id, JSON.stringify({ ...signal, occurredAt: at }));
    };
    await wasAgo(HOUR - 2_000);
    await world.contain(incidentId);
    expect((await world.services.incidents.load(incidentId))?.status).toBe("observed");
    await wasAgo(HOUR + 1);
    // One that joined and is only counted is there all the same.
    await redis.hset(keys.incident(0, incidentId), "joinedAt", (await world.services.clock.now()) - 1_000);
    await world.contain(incidentId);
    expect((await world.services.incidents.load(incidentId))?.status).toBe("observed");
    await wasAgo(HOUR + 1);
    await world.contain(incidentId);
    expect((await world.services.incidents.load(incidentId))?.status).toBe("resolved");
    expect(await redis.hget(keys.agent(0, agentId), "incident")).toBeNull();
  });

  it("once over, is followed by another: its windows tell the next trouble from the last", async () => {
    const windowOf = async (escrowId: string) =>
      world.services.windows.observeEscrow(agentId, {
        escrowId,
        payee: "p",
        amount: "1.00",
        at: Date.now(),
        eventId: `evt-0-${escrowId}`,
        end: null,
      } as never);
    expect(await windowOf("w1")).toMatchObject({ epoch: 0, observed: 0 });
    const first = await observed();
    await world.services.incidents.setStatus(first.id, "resolved", "learn", {});
    expect(await windowOf("w2")).toMatchObject({ epoch: 0, observed: 1 });
    const second = await observed();
    expect(second.id).not.toBe(first.id);
    expect(second).toMatchObject({ status: "observed", epoch: 0 });
  });

  it("never stands in the way of the recovery of a real incident", async () => {
    switchTo("mode: act");
    const real = await world.contained();
    await askStandDown(world.services, { incidentId: real, by: "mira", reason: "false alarm" });
    switchTo("mode: observe");
    const { answer, incidentId } = await world.freeze(await world.handOver());
    expect([answer, (await world.services.incidents.load(incidentId!))?.dryRun]).toEqual(["opened", true]);
    const ports = containPorts({ ...world.services, ...world.services.ordered });
    expect((await standDown(ports, { incidentId: real }, new AbortController().signal)).answer).toBe("restored");
    expect((await world.agent()).caps.daily).not.toBe("0.00");
  });
});
