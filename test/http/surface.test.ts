import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Signal } from "../../src/incident/signal.ts";
import { nobodySawCaps } from "../redis/unseen-caps.ts";
import { type Api, budgetEvent, openApi, tokens } from "./api.ts";

const viewer = { authorization: `Bearer ${tokens.viewer}` };
const responder = { authorization: `Bearer ${tokens.responder}` };
let api: Api;
let incidentId: string;

const signal: Signal = {
  id: "sig-1",
  kind: "escrow-burst",
  severity: "critical",
  agentId: "agent-1",
  occurredAt: Date.UTC(2026, 10, 20, 2, 47),
  suspectPayee: "shop",
  why: { rule: "r", ruleVersion: 1, sentence: "s", thresholds: {}, observed: {}, baseline: null, events: [] },
};

beforeAll(async () => {
  api = await openApi({ tokens });
  const opened = await api.services.incidents.open({
    signal,
    runbook: "runaway-spending",
    priority: "P0",
    dryRun: false,
    decidedBy: "default policy",
    receivedAt: signal.occurredAt,
  });
  incidentId = opened.incidentId;
});
afterAll(() => api.close());

const post = (path: string, body: unknown, headers: Record<string, string> = responder) =>
  fetch(api.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });

describe("the incidents", () => {
  it("are listed with what an engineer needs, times as ISO text", async () => {
    const { status, body } = await api.get("/api/incidents?limit=1", viewer);
    expect(status).toBe(200);
    expect(body.incidents).toMatchObject([
      {
        id: incidentId,
        agentId: "agent-1",
        status: "detected",
        priority: "P0",
        dryRun: false,
        runbook: "runaway-spending",
        receivedAt: "2026-11-20T02:47:00.000Z",
        effectiveAt: null,
        dollars: { locked: expect.any(String) },
      },
    ]);
    const one = await api.get(`/api/incidents/${incidentId}`, viewer);
    expect(one.body).toMatchObject({
      id: incidentId,
      openedAt: expect.stringMatching(/Z$/),
      timeline: [{ at: expect.stringMatching(/Z$/), what: "incident-opened" }],
    });
  });

  it("are 404 under an id nobody has, and 422 for a limit that is none", async () => {
    for (const id of ["inc-0-ffffffffffff-9", "inc-99-ffffffffffff-9", "nonsense", "..%2f..%2fetc", "inc-0-{tq:0}"])
      expect((await api.get(`/api/incidents/${id}`, viewer)).status).toBe(404);
    for (const limit of ["0", "-1", "x", "501", "1.5"])
      expect((await api.get(`/api/incidents?limit=${limit}`, viewer)).body).toMatchObject({
        status: 422,
        errors: [{ field: "limit" }],
      });
  });

  it("can be stood down once, by a named person with a reason", async () => {
    const path = `/api/incidents/${incidentId}/stand-down`;
    const nameless = await post(path, { reason: " " });
    expect([
      nameless.status,
      ((await nameless.json()) as { errors: { field: string }[] }).errors.map(({ field }) => field),
    ]).toEqual([422, ["by", "reason"]]);
    expect((await post(path, "[")).status).toBe(400);
    const early = await post(path, { by: "ana", reason: "false alarm" });
    expect([early.status, await early.json()]).toEqual([
      409,
      expect.objectContaining({ detail: expect.stringContaining("are just being read") }),
    ]);
    await nobodySawCaps(api.services, incidentId);
    const blind = await post(path, { by: "ana", reason: "false alarm" });
    expect([blind.status, await blind.json()]).toEqual([
      409,
      expect.objectContaining({ detail: expect.stringContaining("say what to restore") }),
    ]);
    for (const odd of ["much", "1e3", " 5", "-0", "1e-20", "5.123456789", "1234567890123456", "None"]) {
      const answer = await post(path, { by: "ana", reason: "false alarm", caps: { daily: odd, monthly: "none" } });
      expect([answer.status, ((await answer.json()) as { errors: unknown }).errors]).toEqual([
        422,
        [{ field: "caps.daily", problem: 'must be an amount such as 500.00, or "none"' }],
      ]);
    }
    const caps = { daily: "500.00", monthly: "none" };
    const first = await post(path, { by: "ana", reason: "false alarm", caps });
    expect([first.status, await first.json()]).toEqual([202, { incidentId, status: "begun" }]);
    const again = await post(path, { by: "ben", reason: "me too" });
    expect([again.status, await again.json()]).toEqual([202, { incidentId, status: "running" }]);
    expect(await api.services.queues.of("recovery", 0).getJobCounts("waiting")).toEqual({ waiting: 1 });
    expect((await api.services.incidents.load(incidentId))?.standDown).toMatchObject({ by: "ana" });
    await api.services.incidents.setStatus(incidentId, "stood-down", "recover", {});
    expect((await post(path, { by: "ana", reason: "again" })).status).toBe(409);
  });
});

describe("the accounting of the intake", () => {
  it("is the same in the API and in the metrics, and adds up", async () => {
    await api.post(budgetEvent(97));
    await api.post(budgetEvent(97));
    await api.post("{");
    const { body } = await api.get("/api/intake", viewer);
    expect(body).toMatchObject({
      accepted: 2,
      pending: 1,
      rejected: 1,
      quarantineSize: 1,
      dispositions: { duplicate: 1 },
    });
    await api.services.pages.count("slack", "lost");
    const { text, headers } = await api.get("/metrics");
    expect(headers.get("content-type")).toContain("text/plain");
    const expected = [
      "tourniquet_intake_accepted_total 2",
      "tourniquet_intake_pending 1",
      'tourniquet_intake_dispositions_total{disposition="duplicate"} 1',
      "tourniquet_intake_rejected_total 1",
      "tourniquet_intake_quarantine_size 1",
      'tourniquet_webhook_answers_total{status="202"} 2',
      'tourniquet_webhook_answers_total{status="400"} 1',
      'tourniquet_queue_jobs{queue="freeze",state="waiting"} 1',
      'tourniquet_pages_total{channel="slack",outcome="lost"} 1',
      "tourniquet_redis_up 1",
      "process_cpu_seconds_total",
    ];
    for (const line of expected) expect(text).toContain(line);
    expect(text).toMatch(/tourniquet_intake_oldest_pending_seconds \d/);
    expect(text).toMatch(/tourniquet_incidents\{status="contain/);
    expect(text).not.toContain("agent-1");
    expect((await api.get("/metrics")).text).toContain("tourniquet_intake_accepted_total 2");
  });
});

describe("health", () => {
  it("is alive, and ready only when Redis takes writes durably", async () => {
    expect((await api.get("/healthz")).body).toEqual({ status: "ok" });
    expect((await api.get("/readyz")).body).toEqual({
      status: "ready",
      warnings: [],
      settings: { hash: expect.stringMatching(/^[0-9a-f]{12}$/), loadedAt: expect.any(String), isStale: false },
      breakers: { open: 0, halfOpen: 0 },
      escalations: { missed: 0 },
    });
  });
});

describe("what is not there", () => {
  it("is 404 for an unknown path and 405 for a wrong method, as problems", async () => {
    expect((await api.get("/api/nowhere?x=1", viewer)).body).toMatchObject({ status: 404, instance: "/api/nowhere" });
    for (const path of ["/healthz", "/metrics", "/api/incidents", "/api/intake", "/api/session"]) {
      const answer = await fetch(api.url + path, { method: "DELETE" });
      expect([path, answer.status, answer.headers.get("allow")]).toEqual([path, 405, "GET"]);
    }
  });
});
