import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readStored } from "../../src/detect/event.ts";
import type { SpendSeries } from "../../src/incident/spend.ts";
import { type InvestigatePorts, investigate } from "../../src/learn/investigate.ts";
import { keys } from "../../src/redis/keys.ts";
import { aSignal, openRequest } from "../redis/open-request.ts";
import { silent } from "../runbooks/step-ports.ts";
import { type Api, openApi } from "./api.ts";

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const MINUTE_MS = 60_000;
const minuteOf = (at: number) => Math.floor(at / MINUTE_MS);

/** An agent that spent 20 in each of some minutes long before, and then one escrow of 150 after another until it was caught. */
async function aRunaway(agentId: string, isMeasured = true) {
  const { windows, incidents, clock } = api.services;
  // The escrows are of one minute, so that what is known of it is known.
  const now = await clock.now();
  const began = minuteOf(now - 2 * MINUTE_MS) * MINUTE_MS + 10_000;
  const pay = (at: number, id: string, amount: string) =>
    windows.observeEscrow(agentId, { escrowId: id, payee: "p", amount, at, eventId: `evt-0-${id}` });
  for (let back = 5; back < 12; back += 1) await pay(began - back * MINUTE_MS, `${agentId}-old-${back}`, "20.00");
  for (let count = 0; count < 12; count += 1) await pay(began + count * 1_000, `${agentId}-${count}`, "150.00");
  const why = {
    rule: "cost-anomaly",
    ruleVersion: 2,
    sentence: "1800.00 spent within a minute",
    thresholds: { intervalMs: MINUTE_MS, limitPerInterval: "60.00", criticalPerInterval: "120.00" },
    observed: {},
    baseline: { kind: "robust", samples: 40, median: "21.50", mad: "1.00" },
    events: [],
  };
  const times = { occurredAt: began + 11_000, startedAt: began };
  const signal = aSignal({ agentId, ...times, ...(isMeasured && { kind: "cost-anomaly", why }) });
  const { incidentId } = await incidents.open(openRequest(signal));
  return { incidentId, began, pay };
}

const series = async (incidentId: string) => {
  const answer = await api.get(`/api/incidents/${incidentId}/spend`);
  expect(answer.status).toBe(200);
  return answer.body as unknown as SpendSeries;
};
const gateway = { now: () => null } as Partial<InvestigatePorts["gateway"]> as InvestigatePorts["gateway"];
/** The gateway tells nothing: what is kept of the spending does not come from it. */
const keep = (incidentId: string, part: "at-containment" | "after") =>
  investigate({ ...api.services, gateway, log: silent, readEvent: readStored }, { incidentId, part }).catch(String);
/** As it is when a week has gone by. */
const forget = async (agentId: string) => {
  const { redis } = api.services;
  await redis.del(keys.window(0, agentId), keys.principal(0, agentId), keys.outflow(0, agentId));
};

describe("what the plot of an incident shows", () => {
  it("is each payment as it came, the total to the last digit, its baseline and its thresholds", async () => {
    const { incidentId, began } = await aRunaway("spend-1");
    const shown = await series(incidentId);
    expect(shown.points).toHaveLength(7 + 12);
    expect(shown.points.at(-1)).toEqual({
      at: new Date(began + 11_000).toISOString(),
      ...{ amount: "150.00", total: "1940.00", spanMs: 0 },
    });
    expect(shown).toMatchObject({
      isWhole: true,
      keptUntil: null,
      baseline: { amount: "21.50", perMs: MINUTE_MS, samples: 40, from: "cost-anomaly" },
      limits: [
        { what: "warning", amount: "60.00", perMs: MINUTE_MS, rule: "cost-anomaly" },
        { what: "critical", amount: "120.00", perMs: MINUTE_MS },
      ],
      effectiveAt: null,
      afterFreeze: "0.00",
      rungs: [],
    });
    expect(Date.parse(shown.until) - Date.parse(shown.from)).toBeGreaterThanOrEqual(3_600_000);
  });

  it("takes the middle of the minutes before for its baseline where no rule measured one", async () => {
    const { incidentId } = await aRunaway("spend-2", false);
    const shown = await series(incidentId);
    expect(shown.baseline).toEqual({ amount: "20.00", perMs: MINUTE_MS, samples: 7, from: "minutes before" });
    expect(shown.limits).toEqual([]);
  });

  it("shows a minute as one where not all of its payments are kept any more, and adds up to the same", async () => {
    const { incidentId, began } = await aRunaway("spend-3");
    await api.services.redis.lpop(keys.window(0, "spend-3"), 10);
    const shown = await series(incidentId);
    expect(shown.points.at(-1)).toEqual({
      at: new Date(minuteOf(began) * MINUTE_MS).toISOString(),
      ...{ amount: "1800.00", total: "1940.00", spanMs: MINUTE_MS },
    });
    expect(shown.points).toHaveLength(7 + 1);
    expect(shown.isWhole).toBe(true);
  });

  it("says that a part of it is lost where the store forgot minutes of it, and not where those were before it", async () => {
    const { incidentId, began } = await aRunaway("spend-4");
    const { redis } = api.services;
    const minutes = (from: number) =>
      Object.fromEntries(Array.from({ length: 120 }, (_, index) => [minuteOf(from) - 119 + index, 100_000_000]));
    await redis.del(keys.principal(0, "spend-4"));
    await redis.hset(keys.outflow(0, "spend-4"), minutes(began));
    expect((await series(incidentId)).isWhole).toBe(true);
    await redis.del(keys.outflow(0, "spend-4"));
    await redis.hset(keys.outflow(0, "spend-4"), minutes(began + 100 * MINUTE_MS));
    expect((await series(incidentId)).isWhole).toBe(false);
  });

  it("marks the freeze, and counts what went although it held; what it spends while it recovers it may spend", async () => {
    const { incidentId, began, pay } = await aRunaway("spend-5");
    const { redis, incidents } = api.services;
    await redis.hset(keys.incident(0, incidentId), { requestedAt: began + 11_500, effectiveAt: began + 12_000 });
    await pay(began + 12_000, "s5-just", "1.00");
    await pay(began + 12_001, "s5-past", "2.50");
    const frozen = await series(incidentId);
    expect(frozen).toMatchObject({ effectiveAt: new Date(began + 12_000).toISOString(), afterFreeze: "2.50" });
    const detail = { percent: 50, dailyCap: "100.00", monthlyCap: null };
    await incidents.note(incidentId, "recover", "rung-taken", detail);
    await pay((await api.services.clock.now()) + 1, "s5-may", "9.00");
    const recovering = await series(incidentId);
    expect(recovering.afterFreeze).toBe("2.50");
    expect(recovering.rungs).toEqual([{ at: expect.any(String), what: "rung-taken", ...detail }]);
  });
});

describe("long after, when the windows have run out", () => {
  it("the plot is what the evidence has, and of what came later what the windows still know", async () => {
    const { incidentId, began, pay } = await aRunaway("spend-6");
    await keep(incidentId, "at-containment");
    const { points, baseline } = await series(incidentId);
    await forget("spend-6");
    await pay((await api.services.clock.now()) - 1, "s6-later", "3.00");
    const shown = await series(incidentId);
    expect(shown.points).toEqual([
      ...points,
      { at: expect.any(String), amount: "3.00", total: "1943.00", spanMs: expect.any(Number) },
    ]);
    expect(shown.baseline).toEqual(baseline);
    expect(Date.parse(shown.keptUntil!)).toBeGreaterThan(began);
  });

  it("is of the latest part that was kept, and of the windows where they know more than it", async () => {
    const { incidentId, pay, began } = await aRunaway("spend-7");
    await keep(incidentId, "at-containment");
    await pay(began + 30_000, "s7-late-news", "7.00");
    expect((await series(incidentId)).points.at(-1)).toMatchObject({ amount: "7.00", total: "1947.00" });
    await keep(incidentId, "after");
    await forget("spend-7");
    expect((await series(incidentId)).points.at(-1)).toMatchObject({ amount: "7.00", total: "1947.00" });
  });
});

describe("a plot that is not there", () => {
  it.each(["inc-0-aaaaaaaaaaaa-9", "made-up"])("of %s is a 404", async (id) => {
    expect(await api.get(`/api/incidents/${id}/spend`)).toMatchObject({ status: 404 });
  });
});
