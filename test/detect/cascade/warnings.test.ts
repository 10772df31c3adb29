import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { joinCascade } from "../../../src/detect/cascade.ts";
import type { Signal } from "../../../src/incident/signal.ts";
import { openRequest } from "../../redis/open-request.ts";
import { openStores, type Stores } from "../../redis/open-stores.ts";
import { cascadePorts, cascadesOf, critical, decided, frozen, type RecordedPorts, warning } from "./fleet-ports.ts";

let stores: Stores;
let ports: RecordedPorts;
let now: number;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(async () => {
  await stores.redis.flushdb();
  ports = cascadePorts(stores);
  now = await stores.clock.now();
});

const join = async (signal: Partial<Signal>) => joinCascade(ports, await decided(stores, signal));
const low = (agentId: string, at: number): Partial<Signal> => ({ ...warning(agentId, at), kind: "budget-warning" });

describe("budgets that run low on one wallet", () => {
  it("are agents at work: nobody is frozen, however many they are", async () => {
    for (const [index, agentId] of ["a", "b", "c"].entries())
      expect((await join(low(agentId, now + index * 1_000))).answer).toBe("alone");
    expect(frozen(ports)).toEqual([]);
  });

  it.each([
    ["another warning", warning],
    ["a critical signal", critical],
  ])("belong to the trouble of %s on that wallet, whichever came first", async (_name, trouble) => {
    await join(low("a", now));
    expect((await join(trouble("b", now + 1_000))).answer).toBe("opened");
    await stores.redis.flushdb();
    ports = cascadePorts(stores);
    await join(trouble("b", now));
    expect((await join(low("a", now + 1_000))).answer).toBe("opened");
    expect(frozen(ports)).toEqual(["a", "b"]);
    expect((await cascadesOf(stores))[0]?.edges).toContain("a b shared wallet ops");
  });
});

describe("a warning from before its agent was stood down", () => {
  it("draws it into no later trouble of its neighbour", async () => {
    await join(warning("a", now - 60_000));
    const own = await decided(stores, critical("a", now - 50_000));
    const verdict = (await stores.verdicts.load("a", own.signalId))!;
    const { incidentId } = await stores.incidents.open(openRequest(verdict.signal));
    await joinCascade(ports, own);
    await stores.incidents.beginStandDown(incidentId, "mira", "false alarm");
    await stores.incidents.setStatus(incidentId, "stood-down", "recover", {});
    expect((await join(warning("b", now))).answer).toBe("alone");
    expect(frozen(ports)).toEqual([]);
  });
});
