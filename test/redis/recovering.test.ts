import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { KeptRecovery } from "../../src/incident/recovery.ts";
import { aRecovery, aRecoveryAt } from "../support/recoveries.ts";
import { openRequest } from "./open-request.ts";
import { openStores, type Stores } from "./open-stores.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(() => stores.redis.flushdb());

const agentId = "agent-7";
const entry = { what: "tested", detail: {} };
const whole = (recovery: ReturnType<typeof aRecovery>) => recovery as KeptRecovery;

async function recovering(): Promise<string> {
  const { incidentId } = await stores.incidents.open(openRequest({ agentId }));
  for (const status of ["containing", "contained"] as const)
    await stores.incidents.setStatus(incidentId, status, "contain", {});
  expect(await stores.recoveries.ask(incidentId, whole(aRecovery({ change: 0 })), entry)).toBe(true);
  const asked = (await stores.recoveries.load(incidentId))!;
  expect(await stores.recoveries.begin(incidentId, asked, whole(aRecoveryAt(0)), entry, { joined: 1 })).toBe(true);
  return incidentId;
}
const end = async (incidentId: string) =>
  stores.recoveries.end(incidentId, (await stores.recoveries.load(incidentId))!, entry);
const watched = async () => [...(await stores.agentWatch.recovering()).keys()];

describe("an agent is polled closely", () => {
  it("from when its recovery has begun until its incident is resolved", async () => {
    const { incidentId } = await stores.incidents.open(openRequest({ agentId: "another" }));
    expect(await watched()).toEqual([]);
    const id = await recovering();
    expect(await watched()).toEqual([agentId]);
    expect((await end(id)).answer).toBe("resolved");
    expect(await watched()).toEqual([]);
    expect(incidentId).not.toBe(id);
  });

  it("until a person calls it a false alarm after all", async () => {
    const id = await recovering();
    await stores.incidents.beginStandDown(id, "ada", "planned");
    expect(await watched()).toEqual([]);
  });

  it("until new trouble superseded it", async () => {
    const id = await recovering();
    await stores.incidents.open(openRequest({ agentId }));
    expect((await end(id)).answer).toBe("superseded");
    expect(await watched()).toEqual([]);
  });

  it("still, where the old one's end is told when the new one recovers already", async () => {
    const old = await recovering();
    const next = await recovering();
    expect((await end(old)).answer).toBe("superseded");
    expect(await watched()).toEqual([agentId]);
    await end(next);
    expect(await watched()).toEqual([]);
  });
});
