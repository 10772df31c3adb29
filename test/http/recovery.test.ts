import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { money } from "../../src/incident/money.ts";
import { keys } from "../../src/redis/keys.ts";
import { openRequest } from "../redis/open-request.ts";
import { aRecoveryAt } from "../support/recoveries.ts";
import { type Api, openApi, tokens } from "./api.ts";

const as = (role: keyof typeof tokens) => ({ authorization: `Bearer ${tokens[role]}` });
const order = { by: "ada", rootCause: "retry loop without an end", fix: "v2.3 gives up after three" };
let api: Api;
beforeAll(async () => {
  api = await openApi({ tokens });
});
afterAll(() => api.close());

let agents = 0;
/** An incident that is contained, and whose caps from before are known. */
async function contained(status: "contained" | "containing" = "contained"): Promise<string> {
  agents += 1;
  const agentId = `agent-${agents}`;
  const { incidents, caps } = api.services;
  const { incidentId } = await incidents.open(openRequest({ agentId }));
  const before = { dailyCap: money("500.00"), monthlyCap: null, alertThreshold: 0.8 };
  await caps.takeSnapshot(agentId, incidentId, before, "gateway");
  await incidents.setStatus(incidentId, "containing", "contain", {});
  if (status === "contained") await incidents.setStatus(incidentId, "contained", "contain", {});
  return incidentId;
}
async function post(incidentId: string, body: unknown, headers: Record<string, string> = as("responder")) {
  const answer = await fetch(`${api.url}/api/incidents/${incidentId}/recover`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

describe("asking for recovery", () => {
  it("is answered 202 with what happens next, kept in the incident, and handed to the recovery worker", async () => {
    const id = await contained();
    const { status, body } = await post(id, { ...order, acceptReputation: "its own incident" });
    expect([status, body.incidentId, body.waitsFor]).toEqual([202, id, []]);
    expect(body.next).toBe(
      "Identity and reputation are looked at now; until they pass, the agent stays held. Then its caps from before come back: " +
        "50 % at once, 75 % after 6 h, 100 % after 24 h. Without a warning the incident is resolved after 48 h.",
    );
    expect(await api.services.incidents.load(id)).toMatchObject({ status: "contained", recovery: order });
    const waiting = await api.services.redis.lrange("{tq:0}:recovery:wait", 0, -1);
    expect(waiting.filter((job) => job.includes(id))).toHaveLength(1);
    expect(api.lines.some((line) => line.includes("recovery.asked") && line.includes(id))).toBe(true);
  });

  it("is answered 200 where somebody had asked: by whom, how far it is, and that nothing was changed", async () => {
    const id = await contained();
    await post(id, order);
    const again = { by: "mira", rootCause: "another", fix: "another" };
    const { status, body } = await post(id, again);
    expect([status, body.status]).toEqual([200, "running"]);
    expect(body.next).toMatch(
      new RegExp(`^recovery of ${id} is being looked into already, asked for by ${order.by} at .*Z; nothing`),
    );
    expect((await api.services.incidents.load(id))?.recovery).toMatchObject(order);
    const recovery = JSON.stringify(aRecoveryAt(0));
    await api.services.redis.hset(keys.incident(0, id), { recovery, status: "recovering" });
    const later = (await post(id, again)).body;
    expect(later.next).toMatch(
      new RegExp(
        `^${id} is recovering already \\(50 % since 2026-\\S+Z\\), asked for by \\S+ at \\S+; nothing was changed$`,
      ),
    );
    expect(later.recovery).toMatchObject({ stage: "recovering", percent: 50 });
    expect(later.waitsFor).toBeUndefined();
  });

  it("wants a responder: a viewer and nobody are refused, and nothing is kept", async () => {
    const id = await contained();
    for (const [headers, status] of [
      [{}, 401],
      [as("viewer"), 403],
      [{ authorization: "Bearer wrong" }, 401],
    ] as const)
      expect((await post(id, order, headers)).status).toBe(status);
    expect((await api.services.incidents.load(id))?.recovery).toBeNull();
    expect((await post(id, order, as("admin"))).status).toBe(202);
  });

  it.each([
    [{}, ["by", "fix", "rootCause"]],
    [{ ...order, by: " " }, ["by"]],
    [{ ...order, rootCause: "" }, ["rootCause"]],
    [{ ...order, fix: "x".repeat(2_001) }, ["fix"]],
    [{ ...order, caps: { daily: "500.00" } }, ["caps.monthly"]],
    [{ ...order, caps: { daily: "much", monthly: "-1" } }, ["caps.daily", "caps.monthly"]],
    [{ ...order, acceptReputation: "" }, ["acceptReputation"]],
    [{ ...order, rungs: [] }, ["rungs"]],
  ])("names every field that is wrong: %#", async (body, fields) => {
    const id = await contained();
    const answer = await post(id, body);
    expect(answer.status).toBe(422);
    const named = (answer.body.errors as { field: string }[]).map(({ field }) => field);
    expect(named.sort()).toEqual(fields);
    expect((await api.services.incidents.load(id))?.recovery).toBeNull();
  });

  it("takes texts up to the very limit", async () => {
    const full = { by: "b".repeat(200), rootCause: "r".repeat(2_000), fix: "f".repeat(2_000) };
    expect((await post(await contained(), full)).status).toBe(202);
    expect((await post(await contained(), { ...full, by: "b".repeat(201) })).status).toBe(422);
  });

  it("says what to do where it cannot be: not contained yet, over, or unknown", async () => {
    const open = await contained("containing");
    expect(await post(open, order)).toMatchObject({ status: 409, body: { detail: expect.stringMatching(/contain/) } });
    const over = await contained();
    await api.services.incidents.setStatus(over, "stood-down", "recover", {});
    expect(await post(over, order)).toMatchObject({ status: 409, body: { detail: expect.stringMatching(/over/) } });
    for (const id of ["inc-0-none-1", "nonsense", "inc-0-..%2f-1"]) expect((await post(id, order)).status).toBe(404);
    expect((await api.get(`/api/incidents/${open}/recover`, as("viewer"))).status).toBe(405);
  });
});

describe("an incident that recovers", () => {
  it("shows gates, rungs, what is next and when, with times as text", async () => {
    const id = await contained();
    const recovery = JSON.stringify(aRecoveryAt(0));
    await api.services.redis.hset(keys.incident(0, id), { recovery, status: "recovering" });
    expect((await api.get(`/api/incidents/${id}`, as("viewer"))).body).toMatchObject({
      status: "recovering",
      supersededBy: null,
      recovery: {
        ...{ stage: "recovering", percent: 50, askedAt: "2026-11-22T02:47:00.000Z", stepBacks: 0 },
        gates: { missing: [] },
        next: { what: "rung", percent: 75, dailyCap: "375.00", monthlyCap: null, at: "2026-11-22T08:57:00.000Z" },
      },
    });
  });
});
