import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keys } from "../../src/redis/keys.ts";
import { aDelivery } from "./deliveries.ts";
import { aSignal, openRequest } from "./open-request.ts";
import { openStores, type Stores } from "./open-stores.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());

const dedupLife = async (delivery: ReturnType<typeof aDelivery>) => {
  const { eventId } = await stores.inbox.accept(delivery);
  const hash = eventId.split("-")[2]!;
  return stores.redis.pttl(keys.dedup(0, hash));
};

describe("when a delivery comes in", () => {
  it("is kept as received, pending, with its job asked for under its own id", async () => {
    const verdicts = [{ signal: aSignal(), tier: "auto-contain" as const, decidedBy: "default policy" }];
    const delivery = aDelivery({ raw: '{"a": "ä\\u0000"}', next: "freeze", verdicts });
    const { eventId, duplicate, receivedAt } = await stores.inbox.accept(delivery);
    expect(duplicate).toBe(false);
    expect(await stores.inbox.load(eventId)).toEqual({
      id: eventId,
      raw: delivery.raw,
      type: "escrow_state_change",
      agentId: "agent-7",
      source: "webhook",
      receivedAt,
      disposition: null,
      reason: null,
      verdicts,
    });
    expect(stores.enqueued.at(-1)).toEqual({ queue: "freeze", partition: 0, eventId, agentId: "agent-7" });
    expect(Math.abs(receivedAt - (await stores.clock.now()))).toBeLessThan(5_000);
  });

  it("has its disposition at once where nothing follows, and no job", async () => {
    const before = stores.enqueued.length;
    const decided = { disposition: "ignored", reason: "test ping" } as const;
    const { eventId } = await stores.inbox.accept(aDelivery({ agentId: null, decided, next: null }));
    expect(await stores.inbox.load(eventId)).toMatchObject({
      agentId: null,
      disposition: "ignored",
      reason: "test ping",
    });
    expect(stores.enqueued).toHaveLength(before);
    expect(await stores.inbox.dispose(eventId, "acted", "again")).toBe(false);
  });
});

describe("when the same delivery comes again", () => {
  it("is a duplicate under the same event id, by its id for 7 days", async () => {
    const delivery = aDelivery();
    const first = await stores.inbox.accept(delivery);
    const second = await stores.inbox.accept({ ...delivery, raw: "{}" });
    expect(second).toMatchObject({ eventId: first.eventId, duplicate: true });
    expect((await stores.inbox.load(first.eventId))?.raw).toBe(delivery.raw);
    expect(Math.round((await dedupLife(aDelivery())) / 3_600_000)).toBe(7 * 24);
  });

  it("is a duplicate by its body, for 15 minutes", async () => {
    const identity = { by: "body", value: "0f".repeat(32) } as const;
    const first = await stores.inbox.accept(aDelivery({ identity }));
    expect(await stores.inbox.accept(aDelivery({ identity }))).toMatchObject({
      eventId: first.eventId,
      duplicate: true,
    });
    const lifeMs = await dedupLife(aDelivery({ identity: { by: "body", value: "1f".repeat(32) } }));
    expect(Math.round(lifeMs / 60_000)).toBe(15);
  });

  it("does not take an id for a body, nor one id for another", async () => {
    const ids = new Set<string>();
    for (const by of ["id", "body"] as const)
      for (const value of ["one", "two"])
        ids.add((await stores.inbox.accept(aDelivery({ identity: { by, value } }))).eventId);
    expect(ids.size).toBe(4);
  });

  it("stays a duplicate while the agent is held, and has new life once it was released (G4)", async () => {
    const agentId = "agent-loose";
    const delivery = aDelivery({ agentId, next: "freeze" });
    const first = await stores.inbox.accept(delivery);
    const { incidentId } = await stores.incidents.open(openRequest({ agentId }));
    expect(await stores.inbox.accept(delivery)).toMatchObject({ duplicate: true, eventId: first.eventId });

    await stores.incidents.beginStandDown(incidentId, "ada", "false alarm");
    const again = await stores.inbox.accept(delivery);
    expect(again).toMatchObject({ duplicate: false, eventId: `${first.eventId}-1` });
    expect(stores.enqueued.at(-1)).toMatchObject({ queue: "freeze", eventId: again.eventId });
    expect(await stores.inbox.accept(delivery)).toMatchObject({ duplicate: true, eventId: again.eventId });

    const second = await stores.incidents.open(openRequest({ agentId }));
    await stores.incidents.beginStandDown(second.incidentId, "ada", "again");
    expect(await stores.inbox.accept(delivery)).toMatchObject({ duplicate: false, eventId: `${first.eventId}-2` });
  });
});

describe("what became of an event", () => {
  it("is recorded once: the first word stands", async () => {
    const { eventId } = await stores.inbox.accept(aDelivery());
    expect(await stores.inbox.dispose(eventId, "acted", "inc-0-1")).toBe(true);
    expect(await stores.inbox.dispose(eventId, "ignored", "no-signal")).toBe(false);
    expect(await stores.inbox.load(eventId)).toMatchObject({ disposition: "acted", reason: "inc-0-1" });
  });

  it("is not recorded for what never came in", async () => {
    expect(await stores.inbox.dispose("evt-0-never", "acted", "")).toBe(false);
    expect(await stores.inbox.load("evt-0-never")).toBeNull();
  });

  it("starts the week after which the event may go; until then it stays for ever", async () => {
    const { eventId } = await stores.inbox.accept(aDelivery());
    expect(await stores.redis.pttl(keys.event(0, eventId))).toBe(-1);
    await stores.inbox.dispose(eventId, "acted", "");
    expect(Math.round((await stores.redis.pttl(keys.event(0, eventId))) / 86_400_000)).toBe(7);
  });

  it("starts a day where an agent's own telemetry led to nothing, and a week where it led to something", async () => {
    const hoursLeft = async (key: string) => Math.round((await stores.redis.pttl(key as never)) / 3_600_000);
    const told = aDelivery({ source: "activity" });
    expect(Math.round((await dedupLife(told)) / 3_600_000)).toBe(25);
    for (const [disposition, hours] of [
      ["ignored", 25],
      ["joined", 7 * 24],
    ] as const) {
      const { eventId } = await stores.inbox.accept(aDelivery({ source: "activity" }));
      await stores.inbox.dispose(eventId, disposition, "");
      expect(await hoursLeft(keys.event(0, eventId))).toBe(hours);
    }
    const decided = { disposition: "ignored", reason: "output" } as const;
    const { eventId } = await stores.inbox.accept(aDelivery({ source: "activity", decided, next: null }));
    expect(await hoursLeft(keys.event(0, eventId))).toBe(25);
  });
});

describe("what waits too long", () => {
  it("is found, oldest first, as many as asked for", async () => {
    await stores.redis.del(keys.pending(0));
    const ids: string[] = [];
    for (let index = 0; index < 4; index += 1) ids.push((await stores.inbox.accept(aDelivery())).eventId);
    for (const [index, id] of ids.slice(0, 3).entries())
      await stores.redis.zincrby(keys.pending(0), -30_000 + index * 1_000, id);
    expect(await stores.inbox.overdue(0, 10_000, 10)).toEqual(ids.slice(0, 3));
    expect(await stores.inbox.overdue(0, 10_000, 2)).toEqual(ids.slice(0, 2));
    const { oldestPendingMs } = await stores.inbox.stats();
    expect(oldestPendingMs).toBeGreaterThanOrEqual(28_000);
    expect(oldestPendingMs).toBeLessThan(35_000);
  });
});

describe("what was authentic but invalid", () => {
  it("is kept with its time, newest first, at most a thousand; and counted beyond that", async () => {
    const before = await stores.inbox.stats();
    await stores.redis.lpush(keys.quarantine(0), ...Array.from({ length: 999 }, (_, index) => `old ${index}`));
    for (const body of ["first", "second", "third"])
      await stores.inbox.quarantine({ reason: "invalid", status: 422, body });
    const kept = await stores.redis.lrange(keys.quarantine(0), 0, -1);
    expect(kept).toHaveLength(1_000);
    expect(JSON.parse(kept[0]!)).toEqual({ reason: "invalid", status: 422, body: "third", at: expect.any(Number) });
    expect(JSON.parse(kept[2]!)).toMatchObject({ body: "first" });
    expect(await stores.inbox.stats()).toMatchObject({ rejected: before.rejected + 3, quarantineSize: 1_000 });
  });
});
