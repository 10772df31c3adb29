import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keys } from "../../src/redis/keys.ts";
import { openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { concluded, named, newAgent, start, tell } from "./telemetry.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const home = { ip: "10.0.0.1", user_agent: "sdk/1" };
const auth = (agentId: string, atMs: number, details: Record<string, unknown> = home, yaml?: string) =>
  tell(stores, { agentId, type: "auth", atMs, details }, yaml);
/** An agent that authenticated so often, all within the hour before `start`. */
async function knownAgent(count: number, before = start): Promise<string> {
  const agentId = newAgent();
  for (let index = 0; index < count; index += 1) await auth(agentId, before - HOUR_MS + 1 + index * 60_000);
  return agentId;
}

describe("an authentication that shows something new (D7)", () => {
  it("means nothing until 20 are known: the 20th teaches, the 21st is judged", async () => {
    expect(await auth(await knownAgent(19), start, { ip: "203.0.113.9", user_agent: "curl/8" })).toEqual([]);
    expect(named(await auth(await knownAgent(20), start, { ...home, ip: "203.0.113.9" }))).toEqual([
      "identity-compromise warning",
    ]);
  });

  it("is a warning for a new address or a new program, and critical for both in one", async () => {
    const [a, b, c] = await Promise.all([knownAgent(20), knownAgent(20), knownAgent(20)]);
    expect(await auth(a, start)).toEqual([]);
    expect(named(await auth(a, start + 1, { ...home, ip: "203.0.113.9" }))).toEqual(["identity-compromise warning"]);
    expect(named(await auth(b, start, { ...home, user_agent: "curl/8" }))).toEqual(["identity-compromise warning"]);
    const [signal] = await auth(c, start, { ip: "203.0.113.9", user_agent: "curl/8" });
    expect(signal).toMatchObject({
      kind: "identity-compromise",
      severity: "critical",
      why: {
        rule: "unfamiliar-access",
        thresholds: { minimumSamples: 20, critical: 2 },
        observed: { address: "203.0.113.9", userAgent: "curl" },
        baseline: { samples: 20 },
      },
    });
  });

  it("is nothing new where only the version of the program is", async () => {
    const agentId = await knownAgent(20);
    expect(await auth(agentId, start, { ...home, user_agent: "sdk/2.0.0-beta.1" })).toEqual([]);
    expect(await auth(agentId, start + 1, { ...home, user_agent: "sdk/v3" })).toEqual([]);
    expect(await auth(agentId, start + 2, { ...home, user_agent: "sdk2/1" })).toHaveLength(1);
  });

  it("stays new for a day: seen again it is not said again, but counts beside another", async () => {
    const agentId = await knownAgent(20);
    await auth(agentId, start, { ...home, ip: "203.0.113.9" });
    await auth(agentId, start + 2 * HOUR_MS, { ...home, ip: "203.0.113.9" });
    expect(await concluded(stores, agentId)).toHaveLength(1);
    expect(named(await auth(agentId, start + 3 * HOUR_MS, { ip: "203.0.113.9", user_agent: "curl/8" }))).toEqual([
      "identity-compromise warning",
      "identity-compromise critical",
    ]);
  });

  it.each([
    [DAY_MS - 1, "identity-compromise critical"],
    [DAY_MS, "identity-compromise warning"],
  ])("%i ms after it was first seen beside another new trait is %s", async (laterMs, last) => {
    const agentId = await knownAgent(20);
    await auth(agentId, start, { ...home, ip: "203.0.113.9" });
    const signals = await auth(agentId, start + laterMs, { ip: "203.0.113.9", user_agent: "curl/8" });
    expect(named(signals).at(-1)).toBe(last);
  });

  it("that failed neither warns nor teaches: whoever may try could have the agent frozen", async () => {
    const agentId = await knownAgent(20);
    const stranger = { ip: "203.0.113.9", user_agent: "curl/8" };
    expect(await auth(agentId, start, { ...stranger, success: false })).toEqual([]);
    expect(named(await auth(agentId, start + 1, stranger))).toEqual(["identity-compromise critical"]);
  });

  it("is the agent's own once a person called the alarm false", async () => {
    const now = Date.now();
    const agentId = await knownAgent(20, now - HOUR_MS);
    const moved = { ip: "203.0.113.9", user_agent: "curl/8" };
    const [signal] = await auth(agentId, now - HOUR_MS, moved);
    const { incidentId } = await stores.incidents.open({ ...openRequest({ agentId }), signal: signal! });
    await stores.incidents.beginStandDown(incidentId, "ada", "we moved it");
    // What was concluded before is no longer looked at, so that these are what came since.
    expect(await auth(agentId, now + 60_000, moved)).toEqual([]);
    expect(named(await auth(agentId, now + 120_000, { ...moved, ip: "198.51.100.1" }))).toEqual([
      "identity-compromise warning",
    ]);
  });
});

describe("an authentication at an unusual hour (D7)", () => {
  /** At noon and an hour later, on so many days. */
  async function workingDays(days: number): Promise<string> {
    const agentId = newAgent();
    for (let day = 0; day < days; day += 1)
      for (let index = 0; index < 20; index += 1) await auth(agentId, start - (days - day) * DAY_MS + index * 180_000);
    return agentId;
  }
  const night = start + 15 * HOUR_MS;

  it("is a warning from the fourth day on, and nothing before", async () => {
    expect(await auth(await workingDays(2), night)).toEqual([]);
    const [signal] = await auth(await workingDays(3), night);
    expect(signal).toMatchObject({ severity: "warning", why: { observed: { hourUtc: 3 } } });
  });

  it("is critical together with a new address, and none in an hour that was seen", async () => {
    const agentId = await workingDays(3);
    expect(await auth(agentId, start + 30 * 60_000)).toEqual([]);
    expect(named(await auth(agentId, night, { ...home, ip: "203.0.113.9" }))).toEqual(["identity-compromise critical"]);
  });
});

describe("a reading of an agent's identity (D7, C4)", () => {
  const read = (agentId: string, details: Record<string, unknown>, yaml?: string) =>
    tell(stores, { agentId, type: "identity_reading", atMs: start, details }, yaml);
  const key = "ab".repeat(32);
  const other = "cd".repeat(32);

  it("is critical where the key differs from the first one seen, which stays the first", async () => {
    const agentId = newAgent();
    expect(await read(agentId, { public_key: key, verification: "valid" })).toEqual([]);
    expect(await read(agentId, { public_key: key.toUpperCase(), verification: "unknown" })).toEqual([]);
    const [signal] = await read(agentId, { public_key: other, verification: "valid" });
    expect(signal).toMatchObject({
      kind: "identity-compromise",
      severity: "critical",
      why: { rule: "public-key-changed", thresholds: { pinnedPublicKey: key, pinnedBy: "first-seen" } },
    });
    expect(await stores.redis.get(keys.firstKey(0, agentId))).toBe(key);
  });

  it("goes by the key that the settings pin, whatever was seen first", async () => {
    const agentId = newAgent();
    const pinned = `fleet: { agents: [{ id: ${agentId}, pinnedPublicKey: ${other} }] }`;
    expect(named(await read(agentId, { public_key: key, verification: "valid" }, pinned))).toEqual([
      "identity-compromise critical",
    ]);
    const moved = newAgent();
    await read(moved, { public_key: key, verification: "valid" });
    const toOther = `fleet: { agents: [{ id: ${moved}, pinnedPublicKey: ${other} }] }`;
    expect(await read(moved, { public_key: other, verification: "valid" }, toOther)).toEqual([]);
  });

  it("is critical where the verification says invalid, and such a key is never kept as the agent's own", async () => {
    const agentId = newAgent();
    const [signal] = await read(agentId, { public_key: other, verification: "invalid" });
    expect(signal).toMatchObject({ severity: "critical", why: { rule: "verification-invalid" } });
    expect(await stores.redis.get(keys.firstKey(0, agentId))).toBeNull();
  });

  it("is neither healthy nor a compromise where nothing could be verified or no key is shown", async () => {
    const agentId = newAgent();
    expect(await read(agentId, { verification: "unknown" })).toEqual([]);
    expect(await read(agentId, { public_key: key, verification: "unknown" })).toEqual([]);
    expect(await read(agentId, { public_key: null, verification: "unknown" })).toEqual([]);
  });
});
