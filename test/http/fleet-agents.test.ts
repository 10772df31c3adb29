import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { FleetAgent } from "../../src/contain/fleet-agents.ts";
import { money } from "../../src/incident/money.ts";
import { keys } from "../../src/redis/keys.ts";
import { tellingOf } from "../redis/deliveries.ts";
import { openRequest } from "../redis/open-request.ts";
import { aRecoveryAt } from "../support/recoveries.ts";
import { until } from "../support/until.ts";
import { type Api, openApi } from "./api.ts";

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());
beforeEach(() => api.services.redis.flushdb().then(() => undefined));

const MINUTE_MS = 60_000;

const listed = async (query = "") => {
  const answer = await api.get(`/api/fleet/agents${query}`);
  expect(answer.status).toBe(200);
  return answer.body as unknown as { agents: FleetAgent[]; next: string | null };
};
const row = async (agentId: string) => (await listed(`?agent=${agentId}`)).agents[0]!;
/** So many minutes ago, in whole ones. */
const spends = async (agentId: string, minutesAgo: number, amount: string) => {
  const at = (await api.services.clock.now()) - minutesAgo * MINUTE_MS;
  const escrow = { escrowId: `${agentId}-${minutesAgo}`, payee: "p", amount, at, eventId: `evt-0-${minutesAgo}` };
  await api.services.windows.observeEscrow(agentId, escrow);
};
const seen = (agentId: string) => api.services.inbox.accept(tellingOf(agentId));
const opened = async (agentId: string) => (await api.services.incidents.open(openRequest({ agentId }))).incidentId;

describe("the fleet, an agent in one line", () => {
  it("tells what each spent in five minutes, an hour and a day, to the edges of each", async () => {
    await seen("a-1");
    const { clock } = api.services;
    await until(async () => (await clock.now()) % MINUTE_MS < 58_000, "a minute that lasts a while");
    for (const minutesAgo of [0, 4]) await spends("a-1", minutesAgo, "1.00");
    for (const minutesAgo of [5, 59]) await spends("a-1", minutesAgo, "10.00");
    for (const minutesAgo of [60, 1_439]) await spends("a-1", minutesAgo, "100.00");
    await spends("a-1", 1_440, "1000.00");
    const { spent, lastEventAt } = await row("a-1");
    expect(spent).toEqual({ last5Min: "2.00", lastHour: "22.00", lastDay: "222.00", isWhole: true });
    expect(Date.now() - Date.parse(lastEventAt!)).toBeLessThan(5_000);
  });

  it("calls usual the middle of ten minutes or more before the last five, and none of the trouble that is open", async () => {
    const usual = async () => (await row("a-5")).usualPerMinute;
    const { clock, redis } = api.services;
    await seen("a-5");
    await until(async () => (await clock.now()) % MINUTE_MS < 55_000, "a minute that lasts a while");
    const now = Math.floor((await clock.now()) / MINUTE_MS);
    const spentAt = (minutesAgo: number, dollars: number) =>
      redis.hset(keys.outflow(0, "a-5"), String(now - minutesAgo), String(dollars * 100_000_000));
    await spentAt(5, 3_775);
    expect(await usual()).toBeNull();
    for (let index = 0; index < 8; index += 1) await spentAt(30 + index, 10 + index);
    for (let index = 0; index < 5; index += 1) await spentAt(index, 5_000);
    expect(await usual()).toBeNull();
    await spentAt(38, 18);
    expect(await usual()).toBe("15.00");
    const signal = { agentId: "a-5", startedAt: (now - 37) * MINUTE_MS, occurredAt: now * MINUTE_MS };
    await api.services.incidents.open(openRequest(signal));
    expect(await usual()).toBeNull();
    for (let index = 0; index < 9; index += 1) await spentAt(40 + index, 7);
    expect(await usual()).toBe("7.00");
  });

  it("tells its caps as last seen, its breaker, and that nothing is wrong", async () => {
    await seen("a-2");
    await spends("a-2", 1, "125.00");
    const caps = { dailyCap: money("500.00"), monthlyCap: undefined, alertThreshold: undefined };
    await api.services.caps.see("a-2", caps);
    expect(await row("a-2")).toMatchObject({
      ...{ state: "free", caps: { daily: "500.00", monthly: null } },
      ...{ breaker: "closed", incident: null, why: null },
    });
    await api.services.caps.see("a-2", { ...caps, dailyCap: null });
    expect(await row("a-2")).toMatchObject({ caps: { daily: null } });
    await api.services.caps.see("a-2", { ...caps, dailyCap: money("0.00") });
    expect(await row("a-2")).toMatchObject({ caps: { daily: "0.00" } });
    const limits = { failures: 1, openMs: 60_000, probeMs: 1_000 };
    await api.services.breakers.report("a-2", limits, { outcome: "failure", probe: null });
    expect(await row("a-2")).toMatchObject({ breaker: "open", why: "its breaker is open" });
  });

  it("tells who is held, how and why, until it is free again", async () => {
    const { incidents, redis } = api.services;
    const id = await opened("a-3");
    expect(await row("a-3")).toMatchObject({ state: "trouble", incident: { id, status: "detected", priority: "P0" } });
    await incidents.recordReceipt(id, "freeze-budget", "contain", {});
    expect(await row("a-3")).toMatchObject({
      state: "frozen",
      why: "a-3 opened one escrow after another: it is not contained yet",
      lastEventAt: null,
    });
    await redis.hset(keys.incident(0, id), { status: "recovering", recovery: JSON.stringify(aRecoveryAt(0)) });
    expect(await row("a-3")).toMatchObject({ state: "recovering", recoveringPercent: 50 });
    await redis.hset(keys.incident(0, id), "status", "contained");
    await incidents.setStatus(id, "stood-down", "recover", {});
    // And is known from then on.
    expect(await row("a-3")).toMatchObject({ state: "free", incident: null, why: null });
  });

  it("says that more may have been spent where it spends in more minutes than are kept", async () => {
    await seen("a-4");
    const now = Math.floor((await api.services.clock.now()) / MINUTE_MS);
    const minutes = Object.fromEntries(Array.from({ length: 120 }, (_, index) => [now - index, 100_000_000]));
    await api.services.redis.hset(keys.outflow(0, "a-4"), minutes);
    expect((await row("a-4")).spent).toEqual({
      ...{ last5Min: "5.00", lastHour: "60.00", lastDay: "120.00", isWhole: false },
    });
  });
});

describe("the fleet by pages", () => {
  it("has whoever spent most in the last hour first, each agent once, and ends", async () => {
    for (let index = 0; index < 7; index += 1) {
      await seen(`p-${index}`);
      if (index < 4) await spends(`p-${index}`, 2, `${10 * (index + 1)}.00`);
    }
    const found: string[] = [];
    let next: string | null = "";
    while (next !== null) {
      const page: Awaited<ReturnType<typeof listed>> = await listed(`?limit=3${next && `&after=${next}`}`);
      found.push(...page.agents.map(({ agentId }) => agentId));
      next = page.next;
    }
    expect(found).toEqual(["p-3", "p-2", "p-1", "p-0", "p-6", "p-5", "p-4"]);
  });

  it.each([
    ["?after=made-up", "after"],
    ["?limit=0", "limit"],
    ["?limit=501", "limit"],
    ["?agent=", "agent"],
  ])("refuses %s and names %s", async (query, field) => {
    expect(await api.get(`/api/fleet/agents${query}`)).toMatchObject({
      status: 422,
      body: { errors: [expect.objectContaining({ field })] },
    });
  });
});
