import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { approve } from "../../../src/contain/approvals.ts";
import { joinCascade } from "../../../src/detect/cascade.ts";
import type { Signal } from "../../../src/incident/signal.ts";
import { keys } from "../../../src/redis/keys.ts";
import { openStores, type Stores } from "../../redis/open-stores.ts";
import { cascadePorts, critical, decided, frozen, type RecordedPorts, warning } from "./fleet-ports.ts";

let stores: Stores;
let ports: RecordedPorts;
let now: number;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
/** Twelve agents of one wallet. */
const fleet = (freezes: string, more = "") =>
  `fleet: { agents: [${Array.from({ length: 12 }, (_, i) => `{ id: w${i}, wallet: ops }`).join()}], automaticFreezes: ${freezes} }${more}`;
const begin = async (settings: string) => {
  await stores.redis.flushdb();
  ports = cascadePorts(stores, settings);
  now = await stores.clock.now();
};
beforeEach(() => begin(fleet("{ share: 0.25, atLeast: 0 }")));

const join = async (signal: Partial<Signal>) => joinCascade(ports, await decided(stores, signal));
const waiting = async () =>
  (await stores.fleet.approvals()).flatMap(({ verdicts }) => verdicts.map(({ signal }) => signal.agentId)).sort();

describe("agents that a cascade would freeze by association alone", () => {
  it("are frozen up to the share of the fleet in an hour; the next one waits, and a person is paged", async () => {
    for (const agent of ["w0", "w1", "w2"]) await join(warning(agent, now));
    expect([frozen(ports), await waiting()]).toEqual([["w0", "w1", "w2"], []]);
    await join(warning("w3", now));
    expect([frozen(ports), await waiting()]).toEqual([["w0", "w1", "w2"], ["w3"]]);
    expect(ports.dispatch.added.map(({ data }) => data)).toContainEqual(
      expect.objectContaining({ what: "freezes-waiting", approvalId: "freezes-cas-1" }),
    );
  });

  it("wait no more once a critical signal of their own contains them", async () => {
    for (const agent of ["w0", "w1", "w2", "w3", "w4"]) await join(warning(agent, now));
    expect(await waiting()).toEqual(["w3", "w4"]);
    expect((await join(critical("w3", now))).answer).toBe("joined");
    expect([frozen(ports), await waiting()]).toEqual([["w0", "w1", "w2", "w3"], ["w4"]]);
    expect((await join({ ...critical("w3", now), kind: "cost-anomaly" })).answer).toBe("known");
  });

  it("are members like any other once a person said yes", async () => {
    for (const agent of ["w0", "w1", "w2", "w3"]) await join(warning(agent, now));
    const { incidents, agentWatch } = stores;
    await approve({ ...ports, incidents, agentWatch }, { by: "mira", reason: "same fault" });
    expect(frozen(ports)).toEqual(["w0", "w1", "w2", "w3"]);
    const [cascade] = await stores.cascades.list(1);
    expect(cascade!.members.map(({ standing }) => standing)).toEqual(Array(4).fill("freezing"));
  });

  it("are at least so many as the settings say, where the share is less", async () => {
    await begin(fleet("{ share: 0.25, atLeast: 4 }"));
    for (const agent of ["w0", "w1", "w2", "w3", "w4"]) await join(warning(agent, now));
    expect([frozen(ports), await waiting()]).toEqual([["w0", "w1", "w2", "w3"], ["w4"]]);
  });

  it("have less room by every agent frozen for its own critical signal, which itself is never refused", async () => {
    for (const agent of ["w0", "w1", "w2", "w3"]) await join(critical(agent, now));
    await join(warning("w4", now));
    expect([frozen(ports), await waiting()]).toEqual([["w0", "w1", "w2", "w3"], ["w4"]]);
    expect(await stores.fleet.reserved()).toBe(4);
  });

  it("count once, however often their job comes", async () => {
    await join(warning("w0", now));
    const job = await decided(stores, warning("w1", now));
    for (let again = 0; again < 3; again += 1) await joinCascade(ports, job);
    await join({ ...warning("w1", now), kind: "budget-warning" });
    expect(await stores.fleet.reserved()).toBe(2);
  });

  it("have room again when an hour has gone by, and not a moment before", async () => {
    const hour = 3_600_000;
    const counted = (ago: number) => stores.redis.zadd(keys.automaticFreezes(), now - ago, "x", now - ago, "y");
    await counted(hour - 60_000);
    await join(warning("w0", now));
    await join(warning("w1", now));
    expect([frozen(ports).length, (await waiting()).length]).toEqual([1, 1]);
    await counted(hour);
    await join(warning("w2", now));
    expect([frozen(ports).length, (await waiting()).length]).toEqual([2, 1]);
  });

  it("are not counted in a dry run, where nothing is frozen", async () => {
    await begin(fleet("{ share: 0, atLeast: 0 }", "\nrunbooks: { cascade-failure: { dryRun: true } }"));
    for (const agent of ["w0", "w1", "w2"]) await join(warning(agent, now));
    expect([frozen(ports), await waiting()]).toEqual([["w0", "w1", "w2"], []]);
    expect(await stores.fleet.reserved()).toBe(0);
  });
});

describe("the cap under several workers", () => {
  it("is never passed, however many agents are asked for at once", async () => {
    const asked = Array.from({ length: 40 }, (_, i) => `a${i}`);
    const granted = await Promise.all(
      asked.map((agentId) => stores.fleet.reserve(["shared", agentId], { limit: 7, unlimited: false })),
    );
    expect(new Set(granted.flatMap((one) => one.granted)).size).toBe(7);
    // Who was counted is granted again, also when the cap is reached.
    expect(granted.every((one) => one.granted.includes("shared"))).toBe(true);
    expect(await stores.fleet.reserved()).toBe(7);
  });
});
