import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CascadeMember, CascadeSignal } from "../../src/incident/cascade.ts";
import { marks } from "../../src/incident/cascade-links.ts";
import { viewCascade } from "../../src/incident/cascade-view.ts";
import { recoveryOrder, waitingFor } from "../../src/recover/order.ts";
import { keys } from "../../src/redis/keys.ts";
import { aSignal, openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
let clock = 0;
beforeEach(async () => {
  await stores.redis.flushdb();
  clock = Date.now();
});

/** One more signal in the fleet's window, a second after the one before; the agents it joins are one cascade. */
async function signals(agentId: string, options: { pays?: string; z?: number; at?: number } = {}): Promise<string> {
  clock += 1_000;
  const signal: CascadeSignal = {
    ...{ signalId: `sig-${agentId}-${clock}`, agentId, kind: "escrow-burst", severity: "critical" },
    ...{ at: options.at ?? clock, z: options.z ?? 1, outflow: "10.00", wallet: null, suspectPayee: null },
    marks: [marks.critical(), marks.self(agentId), ...(options.pays ? [marks.pays(options.pays)] : [])],
  };
  const { cascadeId } = await stores.cascades.join(signal, { windowMs: 300_000, agents: 2 });
  return cascadeId ?? "";
}

/** As a member of the cascade, contained: its verdict, its incident. */
async function contained(agentId: string, cascadeId: string, standing: CascadeMember["standing"] = "freezing") {
  const signal = aSignal({ agentId });
  await stores.verdicts.keep({ signal, tier: "auto-contain", decidedBy: "cascade", cascadeId });
  await stores.cascades.handedOver(cascadeId, [{ agentId, standing, signalId: signal.id }]);
  return standing === "waiting" ? "" : open(agentId, cascadeId, signal);
}
async function open(agentId: string, cascadeId: string | undefined, signal = aSignal({ agentId })): Promise<string> {
  const { incidentId } = await stores.incidents.open(openRequest(signal, { cascadeId }));
  await stores.incidents.setStatus(incidentId, "containing", "contain", {});
  await stores.incidents.setStatus(incidentId, "contained", "contain", {});
  return incidentId;
}
const set = (incidentId: string, fields: Record<string, string>) =>
  stores.redis.hset(keys.incident(0, incidentId), fields);
const recovery = { by: "ada", rootCause: "loop", fix: "v2", askedAt: 1, gates: {}, epoch: 2, stepBacks: 0 };
const rungs = [{ afterMs: 0, percent: 50, dailyCap: "250.00", monthlyCap: null }];
const times = { rungAt: null, dueAt: null, normalAt: null };
const asked = JSON.stringify({ ...recovery, ...times, rungs: [], rung: null });
const begun = JSON.stringify({ ...recovery, ...times, rungs, rung: null });
const standing = JSON.stringify({ ...recovery, ...times, rungs, rung: 0 });
const waits = async (incidentId: string) => waitingFor(stores, (await stores.incidents.load(incidentId))!);

/** The root cause and two victims; one pays the other. */
async function cascadeOfThree() {
  await signals("root", { z: 9 });
  await signals("payer", { pays: "payee" });
  const cascadeId = await signals("payee");
  const [root, payer, payee] = [
    await contained("root", cascadeId),
    await contained("payer", cascadeId),
    await contained("payee", cascadeId),
  ];
  return { cascadeId, root, payer, payee };
}

describe("after a cascade", () => {
  it("the root cause waits for nobody, and everybody for the root cause, until its first rung stands", async () => {
    const { root, payee } = await cascadeOfThree();
    expect(await waits(root)).toEqual([]);
    expect(await waits(payee)).toEqual([root]);
    for (const early of [asked, begun]) {
      await set(root, { recovery: early });
      expect(await waits(payee)).toEqual([root]);
    }
    await set(root, { recovery: standing, status: "recovering" });
    expect(await waits(payee)).toEqual([]);
  });

  it("who pays waits for the one it pays too, whoever signalled first", async () => {
    const { root, payer, payee } = await cascadeOfThree();
    expect(await waits(payer)).toEqual([root, payee]);
    await set(root, { recovery: standing, status: "recovering" });
    expect(await waits(payer)).toEqual([payee]);
    await set(payee, { recovery: standing, status: "recovering" });
    expect(await waits(payer)).toEqual([]);
  });

  it("shows the whole order to people, with how far each has got", async () => {
    const { cascadeId, root } = await cascadeOfThree();
    await set(root, { recovery: standing, status: "recovering" });
    const view = await viewCascade(stores, (await stores.cascades.load(cascadeId))!);
    expect(recoveryOrder(view)).toEqual([
      { agentId: "root", after: [] },
      { agentId: "payee", after: ["root"] },
      { agentId: "payer", after: ["root", "payee"] },
    ]);
    expect(Object.fromEntries(view.members.map((one) => [one.agentId, one.recovery]))).toEqual({
      root: { stage: "recovering", percent: 50 },
      payer: { stage: "none", percent: null },
      payee: { stage: "none", percent: null },
    });
  });

  it("what agents share, or the mere time, makes none wait for another", async () => {
    await signals("root", { z: 9 });
    await signals("b");
    const cascadeId = await signals("c");
    const [root, b, c] = [
      await contained("root", cascadeId),
      await contained("b", cascadeId),
      await contained("c", cascadeId),
    ];
    expect([await waits(b), await waits(c)]).toEqual([[root], [root]]);
  });

  it("two that pay each other are let go of in the order of their first signals", async () => {
    await signals("root", { z: 9 });
    await signals("late-by-name", { pays: "first-by-name" });
    await signals("first-by-name", { pays: "late-by-name" });
    const cascadeId = await signals("behind", { pays: "first-by-name", at: clock - 10_000 });
    const [root, later, first, behind] = [
      await contained("root", cascadeId),
      await contained("late-by-name", cascadeId),
      await contained("first-by-name", cascadeId),
      await contained("behind", cascadeId),
    ];
    expect(await waits(later)).toEqual([root]);
    expect(await waits(first)).toEqual([root, later]);
    expect(await waits(behind)).toEqual([root, first]);
  });
});

describe("one look of a member of a large cascade", () => {
  it("reads those that it waits for and nobody else", async () => {
    await signals("root", { z: 9 });
    let cascadeId = "";
    for (let i = 0; i < 20; i += 1) cascadeId = await signals(`agent-${i}`, i === 19 ? { pays: "agent-3" } : {});
    const [root, payee] = [await contained("root", cascadeId), await contained("agent-3", cascadeId)];
    for (let i = 4; i < 19; i += 1) await contained(`agent-${i}`, cascadeId);
    const mine = (await stores.incidents.load(await contained("agent-19", cascadeId)))!;
    const read: string[] = [];
    const counting = {
      ...stores,
      incidents: {
        ...stores.incidents,
        load(id: string) {
          read.push(id);
          return stores.incidents.load(id);
        },
      },
    };
    expect(await waitingFor(counting, mine)).toEqual([root, payee]);
    expect(read.sort()).toEqual([root, payee].sort());
  });
});

describe("nobody is held up by", () => {
  it.each([
    ["one that is over", { status: "stood-down" }],
    ["one that is resolved", { status: "resolved" }],
    ["one that was only observed", { dryRun: "1" }],
    ["one that by now belongs to a cascade of its own", { cascadeId: "cas-2" }],
  ])("%s", async (_name, fields) => {
    const { root, payee } = await cascadeOfThree();
    await signalsOfAnotherCascade();
    await set(root, fields);
    expect(await waits(payee)).toEqual([]);
  });

  it("one that waits for a person's word, and was never contained", async () => {
    await signals("root", { z: 9 });
    const cascadeId = await signals("b");
    await contained("root", cascadeId, "waiting");
    expect(await waits(await contained("b", cascadeId))).toEqual([]);
  });

  it("a cascade that is gone, and an incident of no cascade waits for nobody", async () => {
    const { payee } = await cascadeOfThree();
    await set(payee, { cascadeId: "cas-99" });
    expect(await waits(payee)).toEqual([]);
    await stores.redis.hdel(keys.incident(0, payee), "cascadeId");
    expect(await waits(payee)).toEqual([]);
  });
});

describe("where the root cause is in new trouble before its victims are back", () => {
  it("they wait for that, and not for what it superseded", async () => {
    const { root, payee } = await cascadeOfThree();
    await set(root, { recovery: begun, status: "resolved", supersededBy: "inc-0-root-2" });
    await stores.redis.hdel(keys.agent(0, "root"), "incident");
    const again = await open("root", undefined);
    await set(root, { supersededBy: again });
    expect(await waits(payee)).toEqual([again]);
    expect(await waits(again)).toEqual([]);
  });

  it("but not where that is part of another cascade, which may wait for them", async () => {
    const { root, payee } = await cascadeOfThree();
    const other = await signalsOfAnotherCascade();
    await stores.redis.hdel(keys.agent(0, "root"), "incident");
    await set(root, { status: "resolved", supersededBy: await open("root", other) });
    expect(await waits(payee)).toEqual([]);
  });
});

async function signalsOfAnotherCascade(): Promise<string> {
  clock += 7_200_000;
  await signals("x");
  const other = await signals("y");
  expect(other).toBe("cas-2");
  return other;
}
