import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { incidentLines } from "../../src/cli/incident-text.ts";
import type { Signal } from "../../src/incident/signal.ts";
import { keys } from "../../src/redis/keys.ts";
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
const open = (given: Partial<Signal>, more: Parameters<typeof openRequest>[1] = {}) =>
  stores.incidents.open(openRequest(given, more));

describe("signals of one incident", () => {
  it("that say the same are kept whole up to a hundred, and then counted", async () => {
    const agentId = newAgent();
    const say = (n: number, more = {}) => open({ agentId, id: `${agentId}-${n}`, ...more });
    const { incidentId } = await say(1);
    for (let n = 2; n <= 100; n += 1) await say(n);
    const whole = (await stores.incidents.view(incidentId))!;
    expect([whole.signals.length, whole.signalCount]).toEqual([100, 100]);
    expect(await say(101)).toMatchObject({ answer: "joined", incidentId, isNews: false });
    expect(await say(101)).toMatchObject({ answer: "known", incidentId });
    for (let n = 102; n <= 202; n += 1) await say(n);
    const counted = (await stores.incidents.view(incidentId))!;
    expect([counted.signals.length, counted.signalCount]).toEqual([100, 202]);
    expect(counted.timeline.filter(({ what }) => what === "signal-joined")).toHaveLength(99);
    const told = counted.timeline.filter(({ what }) => what === "signals-counted");
    expect(told.map(({ detail }) => detail.times)).toEqual([101, 202]);
    expect(incidentLines(counted)).toContain("signals     202 in all;");
    // What says something else, or more, is kept as ever.
    expect(await say(301, { severity: "warning" })).toMatchObject({ isNews: true });
    expect(await say(302, { suspectPayee: "fresh-face" })).toMatchObject({ isNews: true });
    expect(await open({ agentId, id: `${agentId}-303` }, { runbook: "cascade-failure" })).toMatchObject({
      isNews: true,
    });
    expect(await stores.incidents.signals(incidentId)).toHaveLength(103);
  });

  it("are each kept where a recovery is asked for, which they refuse", async () => {
    const agentId = newAgent();
    const { incidentId } = await open({ agentId });
    for (let n = 2; n <= 100; n += 1) await open({ agentId });
    await stores.redis.hset(keys.incident(0, incidentId), "recovery", "{}");
    await open({ agentId });
    expect(await stores.incidents.signals(incidentId)).toHaveLength(101);
    await stores.redis.hdel(keys.incident(0, incidentId), "recovery");
    await open({ agentId });
    expect(await stores.incidents.signals(incidentId)).toHaveLength(101);
  });
});
