import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keys } from "../../src/redis/keys.ts";
import { openRequest } from "./open-request.ts";
import { openStores, type Stores } from "./open-stores.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());

/** Mission P3. */
const limits = { failures: 5, openMs: 300_000, probeMs: 60_000 };
const take = { peek: false, sparing: [] as readonly string[] };
const peek = { peek: true, sparing: [] as readonly string[] };
const ask = (agentId: string, options = take) => stores.breakers.ask(agentId, limits, options);
const report = (agentId: string, outcome: "success" | "failure", probe: string | null = null) =>
  stores.breakers.report(agentId, limits, { outcome, probe });

async function fail(agentId: string, times: number): Promise<void> {
  for (let i = 0; i < times; i += 1) await report(agentId, "failure");
}

/** As if it had happened so long ago: what is stored is moved, nobody waits. */
async function ago(agentId: string, field: "openedAt" | "probeAt", ms: number): Promise<void> {
  await stores.redis.hset(keys.breaker(0, agentId), field, (await stores.clock.now()) - ms);
  if (field === "openedAt") await stores.redis.zadd(keys.breakers(0), (await stores.clock.now()) - ms, agentId);
}
const opened = async (agentId: string, msAgo = 0): Promise<void> => {
  await fail(agentId, 5);
  await ago(agentId, "openedAt", msAgo);
};

describe("a closed breaker", () => {
  it("stays closed after 4 failures in a row and opens with the 5th", async () => {
    await fail("a1", 4);
    expect(await ask("a1")).toMatchObject({ state: "closed", failures: 4, probe: null });
    expect(await report("a1", "failure")).toEqual({ answer: "opened", failures: 5 });
    expect(await ask("a1")).toMatchObject({ state: "open", failures: 5, probe: null, openedAt: expect.any(Number) });
  });

  it("counts failures in a row: a success between them begins anew", async () => {
    await fail("a2", 4);
    await report("a2", "success");
    await fail("a2", 4);
    expect((await ask("a2")).state).toBe("closed");
  });

  it("ignores the outcome of a probe it never gave", async () => {
    await fail("a3", 4);
    expect(await report("a3", "failure", "not-mine")).toEqual({ answer: "ignored", failures: 4 });
  });
});

describe("an open breaker", () => {
  it("says to the millisecond when it is half-open", async () => {
    await opened("b1");
    const openedAt = Number(await stores.redis.hget(keys.breaker(0, "b1"), "openedAt"));
    const before = await stores.clock.now();
    const { retryAfterMs } = await ask("b1");
    const after = await stores.clock.now();
    expect(retryAfterMs).toBeGreaterThanOrEqual(openedAt + 300_000 - after);
    expect(retryAfterMs).toBeLessThanOrEqual(openedAt + 300_000 - before);
  });

  it("is open just before 300 s and half-open from 300 s on", async () => {
    await opened("b2", 299_500);
    expect(await ask("b2")).toMatchObject({ state: "open", probe: null });
    await ago("b2", "openedAt", 300_000);
    expect(await ask("b2", peek)).toMatchObject({ state: "half-open", probe: null, retryAfterMs: 0 });
  });

  it("is not closed by a call that began before it opened, nor kept open by one", async () => {
    await opened("b3", 100_000);
    expect((await report("b3", "success")).answer).toBe("ignored");
    expect((await report("b3", "failure")).answer).toBe("ignored");
    expect((await ask("b3")).retryAfterMs).toBeLessThanOrEqual(200_000);
  });
});

describe("a half-open breaker", () => {
  it("gives its probe to exactly one of 1,000 who ask at once", async () => {
    await opened("c1", 300_000);
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => ask("c1")));
    expect(answers.filter(({ probe }) => probe !== null)).toHaveLength(1);
    for (const { state } of answers) expect(state).toBe("half-open");
  });

  it("closes when the probe succeeds, whoever else reports meanwhile", async () => {
    await opened("c2", 300_000);
    const { probe } = await ask("c2");
    expect((await report("c2", "failure")).answer).toBe("ignored");
    expect((await report("c2", "failure", "another")).answer).toBe("ignored");
    expect(await report("c2", "success", probe)).toEqual({ answer: "closed", failures: 0 });
    expect(await ask("c2")).toMatchObject({ state: "closed", failures: 0 });
    expect((await report("c2", "failure", probe)).answer).toBe("ignored");
  });

  it("opens again for the whole time when the probe fails", async () => {
    await opened("c3", 400_000);
    const { probe } = await ask("c3");
    expect(await report("c3", "failure", probe)).toEqual({ answer: "opened", failures: 6 });
    const { state, retryAfterMs } = await ask("c3");
    expect(state).toBe("open");
    expect(retryAfterMs).toBeGreaterThan(299_000);
  });

  it("gives up a probe that says nothing for 60 s, and not before", async () => {
    await opened("c4", 400_000);
    const { probe } = await ask("c4");
    await ago("c4", "probeAt", 59_500);
    expect(await ask("c4")).toMatchObject({ probe: null, retryAfterMs: expect.any(Number) });
    await ago("c4", "probeAt", 60_000);
    const second = await ask("c4");
    expect(second.probe).not.toBeNull();
    expect((await report("c4", "success", probe)).answer).toBe("ignored");
    expect((await report("c4", "success", second.probe)).answer).toBe("closed");
  });

  it("does not believe a probe that reports after it was given up, though nobody asked since", async () => {
    await opened("c5", 400_000);
    const { probe } = await ask("c5");
    await ago("c5", "probeAt", 60_000);
    expect((await report("c5", "success", probe)).answer).toBe("ignored");
    expect((await ask("c5", peek)).state).toBe("half-open");
  });
});

describe("an agent with an open incident", () => {
  it("is held by it, whatever its breaker says, and its probe stays free", async () => {
    const { incidentId } = await stores.incidents.open(openRequest({ agentId: "d1" }));
    expect(await ask("d1")).toMatchObject({ state: "closed", heldBy: incidentId });
    await opened("d1", 300_000);
    expect(await ask("d1")).toMatchObject({ heldBy: incidentId, probe: null });
    await stores.incidents.beginStandDown(incidentId, "mira", "false alarm");
    expect((await ask("d1")).probe).not.toBeNull();
  });

  it("is not held by one whose runbook leaves it its spending, nor by a dry run", async () => {
    await stores.incidents.open({ ...openRequest({ agentId: "d2" }), runbook: "service-degradation" });
    const sparing = { peek: false, sparing: ["service-degradation"] };
    expect((await ask("d2", sparing)).heldBy).toBeNull();
    expect((await ask("d2")).heldBy).not.toBeNull();
    await stores.incidents.open({ ...openRequest({ agentId: "d3" }), dryRun: true });
    expect((await ask("d3")).heldBy).toBeNull();
  });
});

describe("what the fleet sees", () => {
  it("counts open and half-open breakers, and every opening; a reset is remembered with its reason", async () => {
    await stores.redis.flushdb();
    await opened("e1");
    await opened("e2", 300_000);
    expect(await stores.breakers.counts(limits)).toEqual({ open: 1, halfOpen: 1, openings: 2 });
    expect(await stores.breakers.reset("e1", "mira", "upstream is back")).toBe(true);
    expect(await stores.breakers.reset("e1", "mira", "again")).toBe(false);
    const { probe } = await ask("e2");
    await report("e2", "success", probe);
    expect(await stores.breakers.counts(limits)).toEqual({ open: 0, halfOpen: 0, openings: 2 });
    expect(await ask("e1")).toMatchObject({
      state: "closed",
      failures: 0,
      lastReset: { by: "mira", reason: "again", at: expect.any(Number) },
    });
  });
});
