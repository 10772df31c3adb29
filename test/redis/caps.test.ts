import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BudgetCaps } from "../../src/incident/gateway.ts";
import { type Money, money, zero } from "../../src/incident/money.ts";
import type { Snapshot } from "../../src/incident/snapshot.ts";
import { openRequest } from "./open-request.ts";
import { openStores, type Stores } from "./open-stores.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());

let agents = 0;
const newAgent = () => {
  agents += 1;
  return `agent-${agents}`;
};
const open = async (agentId: string) => (await stores.incidents.open(openRequest({ agentId }))).incidentId;
const caps = (daily: string | null, monthly: string | null | undefined, alertThreshold?: number): BudgetCaps => ({
  dailyCap: daily === null ? null : money(daily),
  monthlyCap: monthly === undefined ? undefined : monthly === null ? null : money(monthly),
  alertThreshold,
});

describe("an agent's caps in Redis", () => {
  const cap = fc.oneof(
    fc.constant(null),
    fc.constant(zero),
    fc.bigInt({ min: 1n, max: 10n ** 20n }).map((units) => units as Money),
  );
  const everyCaps = fc.record({
    dailyCap: cap,
    monthlyCap: fc.oneof(cap, fc.constant(undefined)),
    alertThreshold: fc.constantFrom(undefined, 0, 0.5, 0.8, 1),
  });

  it("keep uncapped, zero and not shown apart, and every unit of money", async () => {
    await fc.assert(
      fc.asyncProperty(everyCaps, async (given) => {
        const agentId = newAgent();
        await stores.caps.see(agentId, given);
        expect(await stores.caps.lastSeen(agentId)).toEqual(given);
        const id = await open(agentId);
        expect(await stores.caps.snapshot(agentId, id)).toMatchObject({ ...given, source: "last-seen" });
        const other = newAgent();
        const otherId = await open(other);
        expect(await stores.caps.takeSnapshot(other, otherId, given, "gateway")).toMatchObject(given);
      }),
      { seed: 7, numRuns: 40 },
    );
  });

  it("are unknown until somebody saw them", async () => {
    const agentId = newAgent();
    expect(await stores.caps.lastSeen(agentId)).toBeNull();
    expect(await stores.caps.snapshot(agentId, await open(agentId))).toBeNull();
  });

  it("are not learned while the agent is held: the gateway shows our own zero then", async () => {
    const agentId = newAgent();
    await open(agentId);
    await stores.caps.see(agentId, caps("0", "0"));
    expect(await stores.caps.lastSeen(agentId)).toBeNull();
  });
});

describe("the caps from before the freeze", () => {
  type Offer = { caps: BudgetCaps; source: Snapshot["source"] };
  type Act = { act: "offer"; offer: Offer } | { act: "freeze asked" } | { act: "incident joined" };
  const offers = fc.record({
    caps: fc.constantFrom(
      caps("0.00", "0.00"),
      caps("0.00", undefined),
      caps("0.00", null),
      caps("500.00", "15000.00", 0.8),
      caps("500.00", undefined),
      caps(null, null),
      caps("0.00", "900.00"),
    ),
    source: fc.constantFrom("gateway" as const, "gateway" as const, "last-seen" as const, "configured" as const),
  });
  const acts: fc.Arbitrary<Act> = fc.oneof(
    { weight: 4, arbitrary: offers.map((offer): Act => ({ act: "offer", offer })) },
    { weight: 1, arbitrary: fc.constant<Act>({ act: "freeze asked" }) },
    { weight: 1, arbitrary: fc.constant<Act>({ act: "incident joined" }) },
  );
  /** After our freeze was asked, the gateway showing 0, and of the month 0 or nothing, shows our own work. */
  const isOwnZero = ({ caps: { dailyCap, monthlyCap }, source }: Offer) =>
    source === "gateway" && dailyCap === 0n && (monthlyCap === 0n || monthlyCap === undefined);

  it("are the first that were not our own zero, whatever is retried how often in which order", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(acts, { maxLength: 12 }), async (sequence) => {
        const agentId = newAgent();
        const id = await open(agentId);
        let asked = false;
        let expected: Offer | null = null;
        for (const act of sequence) {
          if (act.act === "freeze asked") {
            await stores.incidents.stamp(id, "requestedAt");
            asked = true;
          } else if (act.act === "incident joined") await open(agentId);
          else {
            const taken = await stores.caps.takeSnapshot(agentId, id, act.offer.caps, act.offer.source);
            if (!(asked && isOwnZero(act.offer))) expected ??= act.offer;
            expect(taken).toEqual(expected && { ...expected.caps, source: expected.source, at: expect.any(Number) });
          }
        }
        expect(await stores.caps.snapshot(agentId, id)).toEqual(
          expected && { ...expected.caps, source: expected.source, at: expect.any(Number) },
        );
      }),
      { seed: 7, numRuns: 80 },
    );
  });

  it("are what was seen last, if that was within 5 minutes of the incident", async () => {
    const agentId = newAgent();
    await stores.caps.see(agentId, caps("500.00", null, 0.7));
    expect(await stores.caps.snapshot(agentId, await open(agentId))).toMatchObject({
      ...caps("500.00", null, 0.7),
      source: "last-seen",
    });
  });

  it("are not what was seen longer ago", async () => {
    const agentId = newAgent();
    await stores.caps.see(agentId, caps("500.00", null, 0.7));
    await stores.redis.hincrby(`{tq:0}:agent:${agentId}`, "capsAt", -300_100);
    expect(await stores.caps.snapshot(agentId, await open(agentId))).toBeNull();
    expect(await stores.caps.lastSeen(agentId)).toEqual(caps("500.00", null, 0.7));
  });
});

describe("the gate before and after a raise", () => {
  it("opens only for the current epoch of an agent that nobody holds", async () => {
    const agentId = newAgent();
    const id = await open(agentId);
    expect(await stores.caps.mayRaise(agentId, 1, { forget: false })).toBe(false);
    const { epoch } = await stores.incidents.beginStandDown(id, "ada", "false alarm");
    expect(epoch).toBe(2);
    expect(await stores.caps.mayRaise(agentId, 1, { forget: false })).toBe(false);
    expect(await stores.caps.mayRaise(agentId, 3, { forget: false })).toBe(false);
    expect(await stores.caps.mayRaise(agentId, 2, { forget: false })).toBe(true);
    await open(agentId);
    expect(await stores.caps.mayRaise(agentId, 2, { forget: false })).toBe(false);
    expect(await stores.caps.mayRaise(agentId, 3, { forget: false })).toBe(false);
  });

  it("forgets the snapshot only when the raise stands, so that the next freeze takes a new one", async () => {
    const agentId = newAgent();
    const id = await open(agentId);
    await stores.caps.takeSnapshot(agentId, id, caps("500.00", null), "gateway");
    await stores.incidents.beginStandDown(id, "ada", "false alarm");
    expect(await stores.caps.mayRaise(agentId, 1, { forget: true })).toBe(false);
    expect(await stores.caps.mayRaise(agentId, 2, { forget: false })).toBe(true);
    expect(await stores.caps.snapshot(agentId, id)).not.toBeNull();
    expect(await stores.caps.mayRaise(agentId, 2, { forget: true })).toBe(true);
    expect(await stores.caps.snapshot(agentId, id)).toBeNull();
  });
});
