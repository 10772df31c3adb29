import { globSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { priorities, type Status, transitions } from "../../src/incident/incident.ts";
import { type SpanName, spans } from "../../src/incident/measures.ts";
import { keys } from "../../src/redis/keys.ts";
import { openRequest } from "./open-request.ts";
import { openStores, type Stores } from "./open-stores.ts";

let stores: Stores;
beforeEach(async () => {
  await stores?.close();
  stores = await openStores(2);
});
afterAll(() => stores.close());

const statuses = Object.keys(transitions) as Status[];
const open = async (agentId = "agent-1", more: Parameters<typeof openRequest>[1] = {}) =>
  (await stores.incidents.open(openRequest({ agentId }, more))).incidentId;
const close = async (incidentId: string) => stores.incidents.setStatus(incidentId, "stood-down", "recover", {});
const escrow = (escrowId: string, amount: string, result: "held" | "failed" | "recovered" | "lost" | "skipped") =>
  stores.incidents.recordEscrows(incidentOf, [{ escrowId, payee: "flaky", amount, result, reason: "" }]);
let incidentOf = "";
/** How many spans ended in which bucket; the last is longer than any bound. */
async function bucketsOf(name: SpanName): Promise<Record<string, number>> {
  const { spans: found } = await stores.measures.read();
  const one = found.find(({ span }) => span === name);
  const bounds = [...spans[name], "inf"];
  return Object.fromEntries((one?.counts ?? []).flatMap((count, index) => (count ? [[bounds[index], count]] : [])));
}

describe("incidents by status and priority", () => {
  const step = fc.oneof(
    fc.record({
      do: fc.constant("open" as const),
      agent: fc.integer({ min: 1, max: 4 }),
      priority: fc.constantFrom(...priorities),
      dryRun: fc.boolean(),
    }),
    fc.record({
      do: fc.constant("status" as const),
      nth: fc.nat(5),
      to: fc.constantFrom(...statuses),
    }),
    fc.record({ do: fc.constant("breach" as const), nth: fc.nat(5) }),
    fc.record({ do: fc.constant("stand-down" as const), nth: fc.nat(5) }),
  );

  it("are those that there are, whatever happened to them", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        await stores.redis.flushdb();
        const ids: string[] = [];
        for (const one of steps) {
          if (one.do === "open") {
            const id = await open(`agent-${one.agent}`, { priority: one.priority, dryRun: one.dryRun });
            if (!ids.includes(id)) ids.push(id);
            continue;
          }
          const id = ids[one.nth];
          if (id === undefined) continue;
          if (one.do === "status") await stores.incidents.setStatus(id, one.to, "contain", {});
          else if (one.do === "breach") await stores.incidents.countBreach(id, {});
          else await stores.incidents.beginStandDown(id, "ada", "planned");
        }
        const there = new Map<string, number>();
        for (const { status, priority } of await stores.incidents.list(100))
          there.set(`${status} ${priority}`, (there.get(`${status} ${priority}`) ?? 0) + 1);
        const { incidents } = await stores.measures.read();
        const counted = incidents.filter(({ count }) => count !== 0);
        expect(new Map(counted.map(({ status, priority, count }) => [`${status} ${priority}`, count]))).toEqual(there);
      }),
      { numRuns: 25 },
    );
  });
});

describe("every script", () => {
  const scripts = globSync("src/redis/scripts/*.lua").map((file) => ({ file, text: readFileSync(file, "utf8") }));

  it("writes status and priority of an incident where they are counted, and counts the money of what it ends", () => {
    const around = scripts.filter(({ text }) => /'HSET', incident,[^\n]*'(status|priority)',/.test(text));
    const ending = scripts.filter(({ text }) =>
      /'HSET', incident,[^\n]*'closedAt'|setIncident\([^\n]*'closedAt'/.test(text),
    );
    expect(around.map(({ file }) => file)).toEqual([]);
    expect(ending.length).toBe(2);
    expect(ending.filter(({ text }) => !text.includes("countClosed(")).map(({ file }) => file)).toEqual([]);
  });
});

describe("the money of incidents", () => {
  it("is exact beyond what a float holds, moves with what becomes of each escrow, and leaves with the incident", async () => {
    incidentOf = await open();
    await escrow("big", "90071992547.40993001", "held");
    await escrow("small", "0.1", "held");
    await escrow("not-ours", "5.00", "skipped");
    await escrow("odd", "0.00", "held");
    // No amount of ours, and more than Redis counts to: nothing, but no reason to fail.
    await escrow("none", "a lot", "held");
    await escrow("too-much", "99999999999.00", "held");
    const held = { held: 9_007_199_254_750_993_001n, failed: 0n, recovered: 0n, lost: 0n };
    expect(await stores.measures.read()).toMatchObject({ all: held, open: held });
    await escrow("small", "0.10", "recovered");
    await escrow("small", "0.10", "recovered");
    await escrow("big", "90071992547.40993001", "failed");
    await escrow("big", "90071992547.40993001", "lost");
    const settled = { held: 0n, failed: 0n, recovered: 10_000_000n, lost: 9_007_199_254_740_993_001n };
    expect(await stores.measures.read()).toMatchObject({ all: settled, open: settled });
    await close(incidentOf);
    await escrow("late", "1.00", "recovered");
    const after = await stores.measures.read();
    expect(after.open).toEqual({ held: 0n, failed: 0n, recovered: 0n, lost: 0n });
    expect(after.all.recovered).toBe(110_000_000n);
  });

  it("is added up over partitions, and stays with the incidents that are open", async () => {
    for (const agent of ["a", "b", "c", "d"]) {
      incidentOf = await open(agent);
      await escrow(`escrow-of-${agent}`, "10.00", "held");
    }
    await close(incidentOf);
    const { all, open: still } = await stores.measures.read();
    expect([all.held, still.held]).toEqual([4_000_000_000n, 3_000_000_000n]);
    expect((await stores.redis.keys("*:measures")).length).toBe(2);
  });
});

describe("how long a freeze took", () => {
  const frozenAfter = async (agentId: string, ms: number) => {
    const incidentId = await open(agentId, { receivedAt: (await stores.clock.now()) - ms });
    await stores.incidents.stamp(incidentId, "effectiveAt");
    return incidentId;
  };

  it("is counted once, in the act that states it", async () => {
    const incidentId = await frozenAfter("agent-1", 1_500);
    await stores.incidents.stamp(incidentId, "effectiveAt");
    await stores.incidents.stamp(incidentId, "requestedAt");
    expect(await bucketsOf("freeze")).toEqual({ 2000: 1 });
    const { spans: found } = await stores.measures.read();
    expect(found[0]?.totalMs).toBeGreaterThanOrEqual(1_500);
    expect(found[0]?.totalMs).toBeLessThan(2_000);
  });

  it("falls into the bucket of its bound, and beyond the last bound into none of them", async () => {
    await frozenAfter("agent-1", 29_000);
    await frozenAfter("agent-2", 31_000);
    await frozenAfter("agent-3", 3_600_000);
    await frozenAfter("agent-4", -5_000);
    expect(await bucketsOf("freeze")).toEqual({ 30000: 1, 60000: 1, inf: 1, 50: 1 });
  });

  it("counts from the signal that made a real incident of one that was only watched", async () => {
    const now = await stores.clock.now();
    const watched = await open("agent-1", { dryRun: true, receivedAt: now - 3_600_000 });
    expect(await open("agent-1", { receivedAt: now - 600 })).toBe(watched);
    await stores.incidents.stamp(watched, "effectiveAt");
    await stores.incidents.setStatus(watched, "contained", "contain", {});
    expect(await bucketsOf("freeze")).toEqual({ 750: 1 });
    expect(await bucketsOf("containment")).toEqual({ 1000: 1 });
  });

  it("counts from now where that signal had been watched before and may only now be acted on", async () => {
    const before = (await stores.clock.now()) - 3_600_000;
    const request = openRequest({ agentId: "agent-1" }, { dryRun: true, receivedAt: before });
    const { incidentId } = await stores.incidents.open(request);
    await stores.incidents.open({ ...request, dryRun: false });
    const { receivedAt, observedFrom } = (await stores.incidents.load(incidentId))!;
    expect(receivedAt).toBeGreaterThan(before + 3_500_000);
    expect(observedFrom).toBe(before);
    const again = await stores.incidents.open({ ...request, dryRun: false });
    expect(again.answer).toBe("known");
    expect(await stores.incidents.load(incidentId)).toMatchObject({ receivedAt, observedFrom });
  });
});

describe("how long a containment took", () => {
  it("is counted the first time that it was read back", async () => {
    const incidentId = await open("agent-1", { receivedAt: (await stores.clock.now()) - 40_000 });
    for (const to of ["containing", "contained", "containing", "contained"] as const)
      await stores.incidents.setStatus(incidentId, to, "contain", {});
    expect(await bucketsOf("containment")).toEqual({ 45000: 1 });
  });
});

describe("how long detection took", () => {
  const accept = async (value: string, source: "webhook" | "poller") => {
    const identity = { by: "id", value } as const;
    const delivery = {
      raw: "{}",
      type: "x",
      agentId: null,
      source,
      identity,
      decided: null,
      next: "correlate",
    } as const;
    return (await stores.inbox.accept(delivery)).eventId;
  };

  it("counts from the time that the event carries, by where it came from, once", async () => {
    const now = await stores.clock.now();
    const told = await accept("a", "webhook");
    expect(await stores.inbox.dispose(told, "ignored", "no-signal", now - 4_000)).toBe(true);
    expect(await stores.inbox.dispose(told, "ignored", "no-signal", now - 4_000)).toBe(false);
    await stores.inbox.dispose(await accept("b", "poller"), "ignored", "no-signal", now - 120_000);
    const { spans: found } = await stores.measures.read();
    const bySource = found.map(({ span, source, counts }) => [span, source, counts.indexOf(1)]);
    expect(bySource.sort()).toEqual([
      ["detection", "poller", spans.detection.indexOf(300_000)],
      ["detection", "webhook", spans.detection.indexOf(5_000)],
    ]);
  });

  it("keeps nobody from answering for an event of which nothing is left", async () => {
    const eventId = await accept("gone", "webhook");
    await stores.redis.del(keys.event(0, eventId));
    expect(await stores.inbox.dispose(eventId, "ignored", "no-signal")).toBe(true);
  });

  it("counts from its arrival where it carries none", async () => {
    await stores.inbox.dispose(await accept("c", "webhook"), "ignored", "no-signal");
    const [bucket] = Object.keys(await bucketsOf("detection"));
    expect(Number(bucket)).toBeLessThanOrEqual(1_000);
  });
});
