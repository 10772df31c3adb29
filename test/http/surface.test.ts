import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Signal } from "../../src/incident/signal.ts";
import { openQueues } from "../../src/queues/dispatch.ts";
import { queueNames } from "../../src/queues/jobs.ts";
import { queuePrefix } from "../../src/redis/keys.ts";
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
    const blind = await post(path, { by: "ana", reason: "false alarm" });
    expect([blind.status, await blind.json()]).toEqual([
      409,
      expect.objectContaining({ detail: expect.stringContaining("say what to restore") }),
    ]);
    const odd = await post(path, { by: "ana", reason: "false alarm", caps: { daily: "much", monthly: "none" } });
    expect(odd.status).toBe(422);
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
      settings: { hash: expect.stringMatching(/^[0-9a-f]{12}$/), loadedAt: expect.any(String), isStale: false },
      breakers: { open: 0, halfOpen: 0 },
      escalations: { missed: 0 },
    });
  });
});

describe("Bull Board", () => {
  const board = async (path: string) => (await api.get(`/admin/queues/api/${path}`, viewer)).body;

  it("shows every queue and changes none", async () => {
    const page = await api.get("/admin/queues", viewer);
    expect(page.text).toContain("Tourniquet");
    const shown = (await board("queues")).queues as { name: string; readOnlyMode: boolean }[];
    expect(shown.map(({ name }) => name).sort()).toEqual([...queueNames].sort());
    expect(shown.every(({ readOnlyMode }) => readOnlyMode)).toBe(true);
    for (const path of ["queues/freeze/pause", "queues/pause", "queues/freeze/1/update-data"]) {
      const write = await fetch(`${api.url}/admin/queues/api/${path}`, { method: "PUT", headers: responder });
      expect(write.status).toBe(405);
    }
    expect(await api.services.queues.of("freeze", 0).isPaused()).toBe(false);
  });

  it("shows every partition's", async () => {
    const partitioned = await openApi({
      tokens,
      joins: true,
      ports: ({ redis }) => ({ queues: openQueues(redis, 3, queuePrefix, () => undefined) }),
    });
    const { body } = await partitioned.get("/admin/queues/api/queues", viewer);
    const names = (body.queues as { name: string }[]).map(({ name }) => name);
    expect(names.sort()).toEqual(
      [0, 1, 2].flatMap((partition) => queueNames.map((name) => `${partition}-${name}`)).sort(),
    );
    await partitioned.close();
  });

  it("shows what a job is about, and nothing else that somebody put into it", async () => {
    const data = { incidentId: "inc-1", note: "whsec_hidden", shutdownFor: { agentId: "a-1", body: "hidden" } };
    await api.services.queues.of("contain", 0).add("contain", data, { jobId: "shown", delay: 60_000 });
    const shown = await board("queues/contain/shown");
    expect((shown.job as { data: unknown }).data).toEqual({ incidentId: "inc-1", shutdownFor: { agentId: "a-1" } });
    const listed = await board("queues?activeQueue=contain&status=delayed&page=1");
    expect(JSON.stringify(listed)).toContain("inc-1");
    expect(JSON.stringify([shown, listed])).not.toContain("hidden");
  });

  it("finds its own scripts under the policy it is served with", async () => {
    const page = await api.get("/admin/queues", viewer);
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("script-src 'self';");
    const [script] = /static\/js\/main[^"]+/.exec(page.text) ?? [];
    expect((await api.get(`/admin/queues/${script}`, viewer)).status).toBe(200);
  });
});

describe("every answer to people", () => {
  const strict = {
    "content-security-policy":
      "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;font-src 'self';connect-src 'self';" +
      "form-action 'self';base-uri 'none';frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
  };
  const paths = [
    "/",
    "/login",
    "/incidents",
    "/api/incidents",
    "/api/session",
    "/api/nowhere",
    "/metrics",
    "/openapi.json",
    "/admin/queues",
  ];

  it("carries the strict headers, whoever asks, and no word of what it is made with", async () => {
    for (const path of paths)
      for (const headers of [viewer, {}, { accept: "text/html" }] as Record<string, string>[]) {
        const { headers: answered } = await api.get(path, headers);
        const { "content-security-policy": policy, ...others } = strict;
        for (const [name, value] of Object.entries(others))
          expect([path, name, answered.get(name)]).toEqual([path, name, value]);
        const board = policy
          .replace("base-uri 'none'", "base-uri 'self'")
          .replace("style-src 'self'", "style-src 'self' 'unsafe-inline'");
        expect(answered.get("content-security-policy")).toBe(path === "/admin/queues" ? board : policy);
        expect(answered.get("x-powered-by")).toBeNull();
        expect(answered.get("strict-transport-security")).toBeNull();
      }
  });

  it("tells browsers to stay with https only where they came by it", async () => {
    const behind = await openApi({ tokens, joins: true, ports: () => ({ trustedProxies: ["127.0.0.1"] }) });
    for (const path of paths) {
      const overTls = await behind.get(path, { "x-forwarded-proto": "https" });
      expect(overTls.headers.get("strict-transport-security")).toBe("max-age=63072000");
    }
    const untrusted = await api.get("/login", { "x-forwarded-proto": "https" });
    expect(untrusted.headers.get("strict-transport-security")).toBeNull();
    await behind.close();
  });

  it("is 404 for an unknown path and 405 for a wrong method, as problems", async () => {
    expect((await api.get("/api/nowhere?x=1", viewer)).body).toMatchObject({ status: 404, instance: "/api/nowhere" });
    for (const path of ["/healthz", "/metrics", "/api/incidents", "/api/intake", "/api/session"]) {
      const answer = await fetch(api.url + path, { method: "DELETE" });
      expect([path, answer.status, answer.headers.get("allow")]).toEqual([path, 405, "GET"]);
    }
  });
});
