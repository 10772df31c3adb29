import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keys } from "../../src/redis/keys.ts";
import { noon } from "../detect/rules/windows.ts";
import { openStores, type Stores } from "./open-stores.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());

const DAY_MS = 86_400_000;
const founding = { authentications: 3, days: 2 };
let events = 0;
const observe = (agentId: string, atMs: number, address: string | null = "10.0.0.1", eventId = `evt-0-${events++}`) =>
  stores.access.observe(agentId, { eventId, at: noon + atMs, address, userAgent: "sdk/1" }, founding);

describe("what is remembered of an agent's authentications", () => {
  it("is the third of the first three, by their time, whoever comes last", async () => {
    expect(await observe("agent-1", 30)).toMatchObject({ known: 1, foundedAt: null });
    await observe("agent-1", 40);
    expect(await observe("agent-1", 50)).toMatchObject({ known: 3, foundedAt: noon + 50 });
    expect(await observe("agent-1", 10)).toMatchObject({ known: 3, foundedAt: noon + 40 });
  });

  it("is the second of its first two days", async () => {
    expect(await observe("agent-2", 0)).toMatchObject({ foundedDay: null });
    expect(await observe("agent-2", DAY_MS)).toMatchObject({ foundedDay: Math.floor((noon + DAY_MS) / DAY_MS) });
    expect(await observe("agent-2", -DAY_MS)).toMatchObject({ foundedDay: Math.floor(noon / DAY_MS) });
  });

  it("is when each trait was seen first; the same authentication again changes nothing", async () => {
    await observe("agent-3", 100);
    await observe("agent-3", 50, "10.0.0.1", "evt-0-same");
    expect(await observe("agent-3", 50, "10.0.0.1", "evt-0-same")).toMatchObject({
      known: 2,
      firstSeen: { address: noon + 50, userAgent: noon + 50, hour: noon + 50 },
    });
    expect(await observe("agent-3", 200, "10.0.0.2")).toMatchObject({
      firstSeen: { address: noon + 200, userAgent: noon + 50 },
    });
    expect(await observe("agent-3", 300, null)).toMatchObject({ firstSeen: { address: null } });
  });

  it("is at most 50 addresses, of which the one not seen for longest goes", async () => {
    for (let index = 0; index < 51; index += 1) await observe("agent-4", index, `10.0.1.${index}`);
    expect(await stores.redis.hlen(keys.access(0, "agent-4", "address"))).toBe(50);
    expect((await observe("agent-4", 500, "10.0.1.1")).firstSeen.address).toBe(noon + 1);
    expect((await observe("agent-4", 501, "10.0.1.0")).firstSeen.address).toBe(noon + 501);
  });

  it("holds no address and no program as it was sent, and is forgotten after 90 days", async () => {
    await observe("agent-5", 0, "198.51.100.7");
    const kept = await stores.redis.hgetall(keys.access(0, "agent-5", "address"));
    expect(JSON.stringify(kept)).not.toContain("198.51");
    for (const trait of ["address", "user-agent", "hour", "first", "days"] as const)
      expect(Math.round((await stores.redis.pttl(keys.access(0, "agent-5", trait))) / DAY_MS)).toBe(90);
  });
});

describe("the first public key seen of an agent", () => {
  it("stays, whatever is shown later; asking alone keeps nothing", async () => {
    expect(await stores.access.pin("agent-6", null)).toEqual({ firstKey: null, epoch: 0, observed: 0 });
    expect(await stores.access.pin("agent-6", "aa")).toMatchObject({ firstKey: "aa" });
    expect(await stores.access.pin("agent-6", "bb")).toMatchObject({ firstKey: "aa" });
    expect(await stores.redis.pttl(keys.firstKey(0, "agent-6"))).toBe(-1);
  });
});
