import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { joinCascade } from "../../src/detect/cascade.ts";
import { keys } from "../../src/redis/keys.ts";
import { tellingOf } from "../redis/deliveries.ts";
import { aSignal, openRequest } from "../redis/open-request.ts";
import { type Api, openApi, tokens } from "./api.ts";

const viewer = { authorization: `Bearer ${tokens.viewer}` };
const responder = { authorization: `Bearer ${tokens.responder}` };
const mira = { by: "mira", reason: "drained" };
let api: Api;
let made: Awaited<ReturnType<typeof aCascade>>;
beforeAll(async () => {
  api = await openApi({ tokens });
  made = await aCascade();
});
afterAll(() => api.close());

const post = async (path: string, body: unknown, headers: Record<string, string> = responder) => {
  const answer = await fetch(api.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};
const occurredAt = Date.now() - 3_600_000;
const since = new Date(occurredAt).toISOString();

/** Two critical signals at the same time, contained; as the workers would leave them. */
async function aCascade() {
  const signals = ["a", "b"].map((agentId) =>
    aSignal({ agentId, occurredAt, startedAt: occurredAt - 1_000, suspectPayee: null }),
  );
  for (const signal of signals) {
    await api.services.verdicts.keep({ signal, tier: "auto-contain", decidedBy: "policy line 3", eventId: "evt-0-1" });
    await joinCascade(api.services, { agentId: signal.agentId, signalId: signal.id });
  }
  const [cascade] = await api.services.cascades.list(1);
  for (const { agentId, signalId } of cascade!.members) {
    const verdict = await api.services.verdicts.load(agentId, signalId);
    const { incidentId } = await api.services.incidents.open(openRequest(verdict!.signal, { cascadeId: cascade!.id }));
    const escrow = { escrowId: `esc-${agentId}`, payee: "shop", amount: "150.00", reason: "" };
    await api.services.incidents.recordEscrows(incidentId, [{ ...escrow, result: "recovered" }]);
  }
  return { cascadeId: cascade!.id, signals };
}

describe("the signals", () => {
  it("show why each was made, which line decided, and its incident (D14)", async () => {
    const { signals, cascadeId } = made;
    const { body } = await api.get("/api/signals?limit=10", viewer);
    const shown = body.signals as { id: string; cascadeId: string | null }[];
    expect(shown.length).toBe(4);
    expect(shown.find(({ id }) => id === signals[0]!.id)).toMatchObject({
      kind: "escrow-burst",
      severity: "critical",
      occurredAt: since,
      startedAt: new Date(occurredAt - 1_000).toISOString(),
      decidedAt: expect.stringMatching(/Z$/),
      tier: "auto-contain",
      decidedBy: "policy line 3",
      eventId: "evt-0-1",
      incidentId: null,
      why: { rule: "identical-escrows", ruleVersion: 1, thresholds: { identicalCount: 8 }, events: ["evt-0-1"] },
    });
    const member = shown.find((one) => one.cascadeId === cascadeId)!;
    expect((await api.get(`/api/signals/${member.id}`, viewer)).body).toMatchObject({
      decidedBy: expect.stringMatching(/^cascade: /),
      incidentId: expect.stringMatching(/^inc-0-/),
    });
    expect((await api.get("/api/signals/sig-none", viewer)).status).toBe(404);
    expect((await api.get("/api/signals?limit=1", viewer)).body.signals).toHaveLength(1);
  });
});

describe("the cascades", () => {
  it("show members, reasons, root cause, the dollars of all, and in which order they recover", async () => {
    const { body } = await api.get("/api/cascades", viewer);
    const [cascade] = body.cascades as { id: string }[];
    const expected = {
      status: "open",
      since,
      openedAt: expect.stringMatching(/Z$/),
      closedAt: null,
      rootCause: { agentId: "a", why: "first by name; nothing else tells them apart" },
      members: expect.arrayContaining([
        expect.objectContaining({ agentId: "b", standing: "freezing", incidentId: expect.stringMatching(/^inc-/) }),
      ]),
      edges: [expect.objectContaining({ why: "same time" })],
      dollars: { locked: "300.00", recovered: "300.00", lost: "0.00" },
      recoveryOrder: [
        { agentId: "a", after: [] },
        { agentId: "b", after: ["a"] },
      ],
    };
    expect(cascade).toMatchObject(expected);
    expect((await api.get(`/api/cascades/${cascade!.id}`, viewer)).body).toMatchObject(expected);
    const [incident] = (await api.get("/api/incidents", viewer)).body.incidents as object[];
    expect(incident).toMatchObject({ cascadeId: cascade!.id, decidedBy: expect.any(String) });
    for (const id of ["cas-99", "cas-x", "{tq:fleet}", "1"])
      expect((await api.get(`/api/cascades/${encodeURIComponent(id)}`, viewer)).status).toBe(404);
  });
});

describe("limits of lists", () => {
  it.each([
    ["/api/signals", "1000", 200],
    ["/api/signals", "1001", 422],
    ["/api/signals", "0", 422],
    ["/api/cascades", "100", 200],
    ["/api/cascades", "101", 422],
    ["/api/cascades", "x", 422],
  ])("%s?limit=%s is %i", async (path, limit, status) => {
    expect((await api.get(`${path}?limit=${limit}`, viewer)).status).toBe(status);
  });
});

describe("the fleet", () => {
  it("names everybody whom a shutdown does not reach, however many they are", async () => {
    const many = Array.from({ length: 1_500 }, (_, index) => `heard-of-${1_000 + index}`);
    const { redis } = api.services;
    await redis.zadd(keys.seenAgents(0), ...many.flatMap((agentId) => [1, agentId]));
    expect((await post("/api/fleet/shutdown", mira)).body.notReached).toEqual(many);
    await redis.del(keys.seenAgents(0));
    await redis.del(keys.shutdown(), "{tq:fleet}:shutdown-count");
  });

  it("is shut down and resumed by a responder, by name and with a reason", async () => {
    expect((await post("/api/fleet/shutdown", mira, viewer)).status).toBe(403);
    expect((await post("/api/fleet/shutdown", {}, {})).status).toBe(401);
    const nameless = await post("/api/fleet/shutdown", { by: " " });
    expect([nameless.status, (nameless.body.errors as { field: string }[]).map(({ field }) => field)]).toEqual([
      422,
      ["by", "reason"],
    ]);
    expect(await api.services.fleet.shutdown()).toBeNull();
    await api.services.inbox.accept(tellingOf("heard-of"));
    const { incidentId } = await api.services.incidents.open(openRequest({ agentId: "had-trouble" }));
    await api.services.incidents.setStatus(incidentId, "stood-down", "recover", {});
    expect(await post("/api/fleet/shutdown", mira)).toEqual({
      status: 202,
      body: { id: "shutdown-1", agents: expect.arrayContaining(["a", "b"]), notReached: ["had-trouble", "heard-of"] },
    });
    expect((await api.get("/api/fleet", viewer)).body).toMatchObject({
      mode: "act",
      shutdown: { id: "shutdown-1", by: "mira", reason: "drained", at: expect.stringMatching(/Z$/), agents: 2 },
      agents: expect.arrayContaining([
        {
          agentId: "a",
          wallet: null,
          held: null,
          isFrozen: false,
          recoveringPercent: null,
          incident: expect.objectContaining({ status: "detected" }),
        },
      ]),
      approvals: [],
      automaticFreezes: { limit: 10 },
    });
    expect(await post("/api/fleet/resume", mira)).toMatchObject({ status: 202, body: { left: [] } });
    expect((await post("/api/fleet/resume", mira)).status).toBe(409);
  });

  it("shows what waits for a word, and takes it once", async () => {
    const verdict = { signal: aSignal({ agentId: "c" }), tier: "auto-contain", decidedBy: "cascade" } as const;
    const question = { id: "freezes-cas-7", kind: "freezes", what: "too many", cascadeId: "cas-7" } as const;
    await api.services.fleet.ask({ ...question, verdicts: [verdict] });
    const { body } = await api.get("/api/fleet", viewer);
    expect(body.approvals).toEqual([
      { id: "freezes-cas-7", kind: "freezes", what: "too many", askedAt: expect.stringMatching(/Z$/), agents: ["c"] },
    ]);
    expect((await post("/api/fleet/approve", { ...mira, id: "freezes-cas-8" })).status).toBe(404);
    expect(await post("/api/fleet/approve", { ...mira, id: "freezes-cas-7" })).toMatchObject({
      body: { agents: ["c"], notReached: [] },
    });
    expect((await post("/api/fleet/decline", mira)).status).toBe(404);
    expect((await api.services.verdicts.load("c", verdict.signal.id))?.decidedBy).toBe(
      "cascade; approved by mira: drained",
    );
  });

  it("is not answered otherwise while an answer is carried out: whoever comes later is told who was first", async () => {
    const { fleet } = api.services;
    const question = { id: "freezes-cas-9", kind: "freezes", what: "too many", cascadeId: null } as const;
    const verdict = { signal: aSignal({ agentId: "d" }), tier: "auto-contain", decidedBy: "cascade" } as const;
    await fleet.ask({ ...question, verdicts: [verdict] });
    await fleet.claim(await fleet.approvals(), { said: "yes", by: "ada" });
    expect(await post("/api/fleet/decline", { ...mira, id: question.id })).toMatchObject({
      status: 409,
      body: { detail: "ada has said yes to freezes-cas-9 a moment ago. Nothing was done." },
    });
    expect((await post("/api/fleet/approve", mira)).status).toBe(202);
  });

  it("is shut down by a yes to the shutdown that waits, named or not", async () => {
    for (const id of ["shutdown", undefined]) {
      const question = { id: "shutdown", kind: "shutdown", what: "Freeze the whole fleet?", cascadeId: null } as const;
      await api.services.fleet.ask({ ...question, verdicts: [] });
      expect(await post("/api/fleet/approve", { ...mira, id })).toEqual({
        status: 202,
        body: { agents: expect.arrayContaining(["a", "b"]), notReached: ["had-trouble", "heard-of"] },
      });
      expect(await api.services.fleet.shutdown()).toMatchObject({ by: "mira", reason: "drained" });
      expect(await api.services.fleet.approvals()).toEqual([]);
      expect((await post("/api/fleet/resume", mira)).status).toBe(202);
    }
  });

  it("takes no other method", async () => {
    for (const path of ["/api/fleet", "/api/signals", "/api/cascades", "/api/fleet/shutdown"])
      expect((await fetch(api.url + path, { method: "DELETE", headers: responder })).status).toBe(405);
  });
});
