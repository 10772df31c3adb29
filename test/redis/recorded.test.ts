import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keys } from "../../src/redis/keys.ts";
import { createRecorded } from "../../src/redis/recorded.ts";
import { openStores, type Stores } from "./open-stores.ts";

let stores: Stores;
const ids: string[] = [];
beforeAll(async () => {
  stores = await openStores(3);
  for (let index = 0; index < 250; index += 1) {
    const agentId = `agent-${index % 7}`;
    const identity = { by: "id", value: `event ${index}` } as const;
    const raw = JSON.stringify({
      event_type: "budget_threshold",
      agent_id: agentId,
      payload: { utilization_pct: index },
    });
    const delivery = {
      raw,
      type: "budget_threshold",
      agentId,
      source: "webhook",
      identity,
      decided: null,
      next: null,
    } as const;
    const { eventId } = await stores.inbox.accept(delivery);
    ids.push(eventId);
    // In the order of arrival, a second apart, whatever the machine needs.
    const partition = Number(eventId.split("-")[1]);
    await stores.redis.hset(keys.event(partition, eventId), "at", 1_000_000 + index * 1_000);
  }
});
afterAll(() => stores.close());

const since = async (fromMs: number) => {
  const found: string[] = [];
  for await (const { id } of createRecorded(stores.redis, 3).since(fromMs)) found.push(id);
  return found;
};

describe("events that the inbox recorded", () => {
  it("are read over all partitions in the order of arrival, each once", async () => {
    expect(await since(0)).toEqual(ids);
  });

  it("are those received from then on, that very millisecond included", async () => {
    expect(await since(1_000_000 + 240_000)).toEqual(ids.slice(240));
    expect(await since(1_000_000 + 240_001)).toEqual(ids.slice(241));
  });

  it("are read without changing anything", async () => {
    const before = await stores.redis.dbsize();
    await since(0);
    expect(await stores.redis.dbsize()).toBe(before);
    expect((await stores.inbox.stats()).pending).toBe(250);
  });
});
