import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readStored } from "../../src/detect/event.ts";
import { sha256 } from "../../src/incident/ledger.ts";
import { eventsIn, keepEvents } from "../../src/learn/kept-events.ts";
import { aSignal } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(() => stores.redis.flushdb().then(() => undefined));

const receive = async (raw: string, id: string, source: "webhook" | "activity" = "webhook") =>
  (
    await stores.inbox.accept({
      ...{ raw, type: "budget_threshold", agentId: "agent-7", source },
      ...{ identity: { by: "id", value: id }, decided: null, next: null },
    })
  ).eventId;
const behind = (...events: string[]) => aSignal({ why: { ...aSignal().why, events } });
const keep = (signals: ReturnType<typeof aSignal>[], before: Record<string, unknown> = {}) =>
  keepEvents({ inbox: stores.inbox, readEvent: readStored }, signals, before);

describe("the events behind an incident", () => {
  it("are kept once each, as received, with the time that they tell", async () => {
    const body = (at: number) =>
      JSON.stringify({
        event_type: "budget_threshold",
        agent_id: "agent-7",
        timestamp: at,
        payload: { utilization_pct: 97 },
      });
    const at = Math.floor(Date.now() / 1_000) - 60;
    const [first, second] = [await receive(body(at), "1"), await receive(body(at + 1), "2")];
    const { events } = await keep([behind(first), behind(first, second)]);
    expect(events).toMatchObject([
      { id: first, body: body(at), occurredAt: at * 1_000 },
      { id: second, body: body(at + 1), occurredAt: (at + 1) * 1_000 },
    ]);
  });

  it("are kept though nobody can read them", async () => {
    const id = await receive("{ no json", "1");
    expect((await keep([behind(id)])).events).toMatchObject([{ id, body: "{ no json", occurredAt: null }]);
  });

  it("are only named where an earlier part holds them", async () => {
    const [old, fresh] = [await receive("{}", "1"), await receive("[]", "2")];
    const before = { "at-containment": await keep([behind(old)]), odd: { events: "none" }, empty: null };
    expect((await keep([behind(old, fresh)], before)).events).toMatchObject([
      { id: old, keptIn: "at-containment" },
      { id: fresh, body: "[]" },
    ]);
    expect(eventsIn(before.odd)).toEqual([]);
  });

  it("that an agent told of itself stand there with size and digest: they may hold what was stolen", async () => {
    const raw = JSON.stringify({ event_type: "tool_call", payload: { body: "the customer list" } });
    const { events } = await keep([behind(await receive(raw, "1", "activity"))]);
    expect(events).toMatchObject([{ bytes: Buffer.byteLength(raw), sha256: sha256(raw) }]);
    expect(JSON.stringify(events)).not.toContain("customer list");
  });

  it("that are too much together stand there with size and digest", async () => {
    const raw = JSON.stringify({ text: "y".repeat(60_000) });
    const ids = await Promise.all(Array.from({ length: 18 }, (_, n) => receive(raw, `${n}`)));
    const { events } = await keep([behind(...ids)]);
    expect(events.filter((event) => "body" in event)).toHaveLength(17);
    expect(events.at(-1)).toMatchObject({ bytes: raw.length, sha256: sha256(raw) });
  });

  it("that are too many are counted", async () => {
    const ids = Array.from({ length: 503 }, (_, n) => `evt-0-gone-${n}`);
    const { events, eventsLeftOut } = await keep([behind(...ids)]);
    expect([events.length, eventsLeftOut]).toEqual([500, 3]);
    expect(events[0]).toEqual({ id: "evt-0-gone-0", unknown: "the inbox does not have it any more" });
  });
});
