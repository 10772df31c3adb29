import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TourniquetError } from "../../../src/errors.ts";
import type { ActionKey } from "../../../src/incident/gateway.ts";
import { AGENT, type Looks, openLooks } from "./looks.ts";

let looks: Looks;
beforeEach(async () => {
  looks = await openLooks();
});
afterEach(() => looks.close());

const bus = { look: "bus" } as const;
let published = 0;
const publish = (type: string, agentId = AGENT, payload: Record<string, unknown> = { utilization_pct: 99 }) => {
  published += 1;
  return looks.world.services.gateway.publishEvent(agentId, type, payload, `p:${published}` as ActionKey);
};
const cursor = async () => (await looks.world.services.fleetWatch.busCursor())?.id;
const moved = async (change: Record<string, unknown>) => {
  const { fleetWatch } = looks.world.services;
  await fleetWatch.moveBusCursor({ ...(await fleetWatch.busCursor())!, ...change });
};

describe("the event bus", () => {
  it("is read on from where the last reading ended, each row once", async () => {
    await publish("budget_threshold");
    await publish("budget_threshold");
    expect(await looks.run(bus)).toMatchObject({ answer: "read", rows: 2, accepted: 2 });
    expect(await looks.run(bus)).toMatchObject({ rows: 0, accepted: 0 });
    await publish("budget_threshold");
    expect(await looks.run(bus)).toMatchObject({ rows: 1, accepted: 1 });
    expect((await looks.events()).map(({ source }) => source)).toEqual(["bus", "bus", "bus"]);
  });

  it("makes us look at the agent now, and contains nobody by itself: every key of every tenant writes to it", async () => {
    await publish("budget_threshold");
    await looks.run(bus);
    const waiting = await looks.world.services.queues.of("watch", 0).getWaiting();
    expect(waiting.map(({ data }) => data)).toEqual([{ look: "agent", agentId: AGENT, everyMs: 10_000 }]);
    expect(await looks.world.services.queues.of("freeze", 0).getWaiting()).toEqual([]);
  });

  it("fills nobody's Redis: agents that are not ours and types that nobody judges are passed over", async () => {
    await publish("budget_threshold", "somebody-else");
    await publish("containment_complete");
    await publish("test.ping");
    await publish("budget_threshold", AGENT, { nonsense: true });
    expect(await looks.run(bus)).toMatchObject({ rows: 4, accepted: 0 });
    expect(await looks.events()).toEqual([]);
    expect(await cursor()).toBe(4);
  });

  it("keeps its cursor where an event could not be stored, and takes it in at the next reading", async () => {
    await publish("budget_threshold");
    const full = { accept: () => Promise.reject(new Error("redis is full")) };
    await expect(looks.run(bus, { inbox: full })).rejects.toThrow("full");
    expect(await cursor()).toBeUndefined();
    expect(await looks.run(bus)).toMatchObject({ accepted: 1 });
  });

  it("that cannot be read is told of after three times, not after two", async () => {
    await looks.world.admin.fault({ match: { tool: "get_events" }, kind: "500-before", times: 3 });
    for (const reported of [0, 0, 1]) {
      expect(await looks.run(bus)).toMatchObject({ answer: "failed" });
      expect(await looks.failures()).toHaveLength(reported);
    }
    expect((await looks.failures())[0]).toMatchObject({ agentId: "tourniquet", why: { rule: "check-bus" } });
    expect(await looks.run(bus)).toMatchObject({ answer: "read" });
  });

  it("that this gateway does not show is no failure", async () => {
    const listEvents = () => Promise.reject(new TourniquetError("not-found", "no such tool"));
    const gateway = { ...looks.world.services.gateway, listEvents };
    for (let reading = 0; reading < 4; reading += 1)
      expect(await looks.run(bus, { gateway })).toEqual({ answer: "no-bus" });
    expect(await looks.failures()).toEqual([]);
  });

  it("that was not read for longer than it keeps its rows has a gap, which is told of", async () => {
    await publish("budget_threshold");
    await looks.run(bus);
    const now = await looks.world.services.clock.now();
    await moved({ readAt: now - 24 * 3_600_000 + 60_000 });
    await looks.run(bus);
    expect(await looks.failures()).toEqual([]);
    await moved({ readAt: now - 24 * 3_600_000 - 60_000 });
    await looks.run(bus);
    expect((await looks.failures()).map(({ why }) => why.rule)).toEqual(["check-bus-gap"]);
  });

  it.each([
    ["shows another row under our cursor's number", async () => moved({ integrityHash: "another" })],
    ["does not show a row that is too young to be purged", async () => moved({ id: 700, rowAt: Date.now() })],
  ])("that %s counts anew, and is read again from its beginning", async (_, restore) => {
    await publish("budget_threshold");
    await looks.run(bus);
    await restore();
    await publish("budget_threshold");
    expect(await looks.run(bus)).toMatchObject({ rows: 2 });
    expect(await cursor()).toBe(2);
    expect((await looks.failures())[0]?.why.sentence).toMatch(/counts anew/);
  });
});
