import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CascadeSignal } from "../../src/incident/cascade.ts";
import type { Channel } from "../../src/incident/escalation.ts";
import { keys } from "../../src/redis/keys.ts";
import { aSignal, openRequest } from "../redis/open-request.ts";
import { type Api, openApi, tokens } from "./api.ts";

let api: Api;
let configured: readonly Channel[] = [];
const notifiers = {
  of: () => undefined,
  get configured() {
    return configured;
  },
};
beforeAll(async () => {
  api = await openApi({ tokens, ports: () => ({ notifiers }) });
});
afterAll(() => api.close());
beforeEach(() => {
  configured = ["slack"];
});
afterEach(() => api.services.redis.flushdb().then(() => undefined));

async function post(path: string, body: unknown = { by: "ada" }, token: string | undefined = tokens.responder) {
  const answer = await fetch(api.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}
const escalation = { P0: [{ afterMs: 300_000, to: ["slack"] }] } as const;
const open = async (agentId = "agent-7") =>
  (await api.services.incidents.open(openRequest({ agentId }, { escalation }))).incidentId;
const acknowledge = (id: string, ...rest: [unknown?, string?]) => post(`/api/incidents/${id}/acknowledge`, ...rest);
const shown = async (id: string) =>
  (await api.get(`/api/incidents/${id}`, { authorization: `Bearer ${tokens.viewer}` })).body;
const pages = async () =>
  (await api.services.queues.of("notification", 0).getJobs()).map(({ id, data }) => [id, data.kind, data.what]);

describe("an incident that is acknowledged", () => {
  it("has a name to it, wakes nobody else, and its page is told once", async () => {
    const id = await open();
    expect(await shown(id)).toMatchObject({
      isUnattended: true,
      acknowledged: null,
      escalation: { priority: "P0", told: 0, next: { level: 0, to: ["slack"], at: expect.stringMatching(/Z$/) } },
    });
    const first = await acknowledge(id);
    expect(first).toEqual({
      status: 200,
      body: { incidentId: id, status: "acknowledged", by: "ada", at: expect.stringMatching(/^\d{4}-.*Z$/) },
    });
    expect((await acknowledge(id)).body).toEqual({ ...first.body, status: "acknowledged-before" });
    expect(await shown(id)).toMatchObject({
      isUnattended: false,
      acknowledged: { by: "ada", at: first.body.at },
      escalation: { next: null },
    });
    expect(await pages()).toEqual([[`page-${id}-acknowledged`, "page", "acknowledged"]]);
  });

  it("says of whom its policy names next who can be told and who is not there", async () => {
    const to = ["slack", "pagerduty-secondary", "webhook"] as const;
    const request = openRequest({}, { escalation: { P0: [{ afterMs: 300_000, to }] } });
    const { incidentId } = await api.services.incidents.open(request);
    const next = async () => (await shown(incidentId)).escalation;
    configured = ["slack", "pagerduty"];
    expect(await next()).toMatchObject({
      policy: { P0: [{ to }] },
      next: { to: ["slack"], notConfigured: ["pagerduty-secondary", "webhook"] },
    });
    configured = ["pagerduty"];
    expect(await next()).toMatchObject({ next: { to: [], notConfigured: to } });
    configured = to;
    expect(await next()).toMatchObject({ next: { to, notConfigured: [] } });
  });

  it("stays with the first: the second is told who has it", async () => {
    const id = await open();
    await acknowledge(id);
    expect(await acknowledge(id, { by: "bob" })).toMatchObject({
      status: 200,
      body: { status: "acknowledged-before", by: "ada" },
    });
  });

  it("is none where it is over, unknown, or nothing of ours", async () => {
    const id = await open();
    await api.services.incidents.setStatus(id, "stood-down", "recover", {});
    expect(await acknowledge(id)).toMatchObject({ status: 409, body: { detail: `${id} is over already.` } });
    for (const unknown of ["inc-0-aaaaaaaaaaaa-1", "nonsense", "cas-1"])
      expect((await acknowledge(unknown)).status).toBe(404);
    expect(await pages()).toEqual([]);
  });

  it.each([
    [{}, "by must say who"],
    [{ by: " " }, "by must say who"],
    [{ by: 7 }, "by must say who"],
    [{ by: "x".repeat(201) }, "by must be at most 200 characters"],
    [{ by: "ada", reason: "x" }, "reason is not known here"],
    [[], "body Invalid input: expected object, received array"],
  ])("is refused for %j", async (body, problem) => {
    const id = await open();
    const answer = await acknowledge(id, body);
    const errors = answer.body.errors as { field: string; problem: string }[];
    expect([answer.status, errors.map((one) => `${one.field} ${one.problem}`)]).toEqual([422, [problem]]);
    expect((await api.services.incidents.load(id))?.acknowledged).toBeNull();
  });
});

describe("to acknowledge", () => {
  it("is a responder's, or an admin's", async () => {
    for (const path of ["/api/incidents/inc-0-aaaaaaaaaaaa-1/acknowledge", "/api/cascades/cas-9/acknowledge"]) {
      const asked = [undefined, tokens.viewer, tokens.responder, tokens.admin];
      const answers = await Promise.all(asked.map((token) => post(path, { by: "ada" }, token ?? "")));
      expect(answers.map(({ status }) => status)).toEqual([401, 403, 404, 404]);
    }
  });
});

describe("a cascade that is acknowledged", () => {
  const cascadeSignal = (agentId: string, signalId: string): CascadeSignal => ({
    ...{ signalId, agentId, kind: "escrow-burst", severity: "critical", at: Date.now(), z: null },
    ...{ outflow: "1.00", wallet: null, suspectPayee: null, marks: ["payee:flaky-upstream"] },
  });

  async function openCascade(...agents: string[]): Promise<{ cascadeId: string; incidents: string[] }> {
    const { cascades, verdicts, incidents } = api.services;
    const opened: string[] = [];
    let cascadeId: string | null = null;
    for (const agentId of agents) {
      const signal = aSignal({ agentId, id: `sig-${agentId}` });
      await verdicts.keep({ signal, tier: "auto-contain", decidedBy: "line", eventId: "evt-0-1" });
      cascadeId = (await cascades.join(cascadeSignal(agentId, signal.id), { windowMs: 60_000, agents: 2 })).cascadeId;
      opened.push(
        (await incidents.open(openRequest(signal, { escalation, cascadeId: cascadeId ?? undefined }))).incidentId,
      );
    }
    const members = agents.map((agentId) => ({ agentId, standing: "freezing" as const, signalId: `sig-${agentId}` }));
    await cascades.handedOver(cascadeId!, members);
    return { cascadeId: cascadeId!, incidents: opened };
  }

  it("has every open incident of it acknowledged, and leaves those that somebody has, or that are over", async () => {
    const { cascadeId, incidents } = await openCascade("a", "b", "c");
    await acknowledge(incidents[0]!, { by: "bob" });
    await api.services.incidents.setStatus(incidents[1]!, "stood-down", "recover", {});
    const answer = await post(`/api/cascades/${cascadeId}/acknowledge`);
    expect(answer).toMatchObject({ status: 200, body: { cascadeId } });
    expect((answer.body.incidents as object[]).toSorted()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ incidentId: incidents[0], status: "acknowledged-before", by: "bob" }),
        expect.objectContaining({ incidentId: incidents[2], status: "acknowledged", by: "ada" }),
      ]),
    );
    expect(await api.services.redis.zcard(keys.escalations(0))).toBe(1);
    expect(await api.services.escalations.due(0, -600_000, 10)).toEqual([]);
  });

  it("is none where all of it is over, or there is none", async () => {
    const { cascadeId, incidents } = await openCascade("a", "b");
    for (const id of incidents) await api.services.incidents.setStatus(id, "stood-down", "recover", {});
    expect((await post(`/api/cascades/${cascadeId}/acknowledge`)).status).toBe(409);
    expect((await post("/api/cascades/cas-999/acknowledge")).status).toBe(404);
  });
});

describe("an escalation that nobody told", () => {
  it("is in the metrics and in what readiness says", async () => {
    const id = await open();
    const missed = async () => {
      const [metrics, ready] = await Promise.all([api.get("/metrics"), api.get("/readyz")]);
      return [/^tourniquet_escalations_missed (\d+)$/m.exec(metrics.text)?.[1], ready.body.escalations];
    };
    await api.services.redis.zincrby(keys.escalations(0), -359_000, id);
    expect(await missed()).toEqual(["0", { missed: 0 }]);
    await api.services.redis.zincrby(keys.escalations(0), -2_000, id);
    expect(await missed()).toEqual(["1", { missed: 1 }]);
    await acknowledge(id);
    expect(await missed()).toEqual(["0", { missed: 0 }]);
  });
});
