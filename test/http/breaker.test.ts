import { Agent, request } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keys } from "../../src/redis/keys.ts";
import { openRequest } from "../redis/open-request.ts";
import { type Api, openApi, tokens } from "./api.ts";
import { logIn } from "./logging-in.ts";

const AGENT = "agent-token-01234";
const as = (token: string | undefined) => ({ authorization: `Bearer ${token}` });
const agent = as(AGENT);

let api: Api;
let other: Api;
beforeAll(async () => {
  const all = { ...tokens, agent: AGENT };
  api = await openApi({ tokens: all });
  other = await openApi({ tokens: all });
});
afterAll(async () => {
  await api.close();
  await other.close();
});

const path = (id: string) => `/api/agents/${encodeURIComponent(id)}/breaker`;
const ask = (id: string, query = "") => api.get(path(id) + query, agent);
const post = async (at: string, body: unknown, headers: Record<string, string> = agent) => {
  const answer = await fetch(api.url + at, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};
const report = (id: string, outcome: string, probe?: unknown) => post(path(id), { outcome, probe });
async function opened(id: string, agoMs = 0): Promise<void> {
  for (let i = 0; i < 5; i += 1) await report(id, "failure");
  const { clock, redis } = api.services;
  await redis.hset(keys.breaker(0, id), "openedAt", (await clock.now()) - agoMs);
}

describe("an agent that asks before it spends", () => {
  it("may proceed while its breaker is closed, and learns why not when it has opened", async () => {
    expect((await ask("a-1")).body).toEqual({
      agentId: "a-1",
      state: "closed",
      mayProceed: true,
      probe: null,
      retryAfterMs: 0,
      reason: "no failures",
    });
    for (let i = 0; i < 4; i += 1) expect((await report("a-1", "failure")).body.answer).toBe("counted");
    expect((await report("a-1", "failure")).body).toEqual({ agentId: "a-1", answer: "opened", failures: 5 });
    expect((await ask("a-1")).body).toMatchObject({
      state: "open",
      mayProceed: false,
      retryAfterMs: expect.any(Number),
      reason: expect.stringMatching(/^opened at 20\S+Z, after 5 failures in a row$/),
    });
    expect(api.lines.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ level: "warn", what: "breaker.opened", agentId: "a-1", failures: 5 }),
    );
  });

  it("alone of 1,000 that ask two processes at once gets the probe, and its success lets all proceed", async () => {
    await opened("a2", 300_000);
    const dispatcher = new Agent({ connections: 100 });
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, async (_, index) => {
        const { url } = index % 2 === 0 ? api : other;
        const { body } = await request(url + path("a2"), { headers: agent, dispatcher });
        return (await body.json()) as { mayProceed: boolean; probe: string | null };
      }),
    );
    await dispatcher.close();
    const chosen = answers.filter(({ mayProceed }) => mayProceed);
    expect(chosen).toHaveLength(1);
    expect(answers.filter(({ probe }) => probe !== null)).toEqual(chosen);
    expect((await report("a2", "success", chosen[0]!.probe)).body.answer).toBe("closed");
    expect((await ask("a2")).body).toMatchObject({ state: "closed", mayProceed: true });
  });

  it("that only peeks leaves the probe to the next", async () => {
    await opened("a3", 300_000);
    expect((await ask("a3", "?peek=true")).body).toMatchObject({
      state: "half-open",
      mayProceed: false,
      probe: null,
      retryAfterMs: 0,
    });
    expect((await ask("a3")).body.mayProceed).toBe(true);
  });

  it("asks by HEAD, which is answered without the probe, leaves it to the next", async () => {
    await opened("a6", 300_000);
    const answer = await fetch(api.url + path("a6"), { method: "HEAD", headers: agent });
    expect([answer.status, await answer.text()]).toEqual([200, ""]);
    expect((await ask("a6")).body).toMatchObject({ mayProceed: true, probe: expect.any(String) });
  });

  it("may not while an incident of its own is open, and learns which", async () => {
    const { incidentId } = await api.services.incidents.open(openRequest({ agentId: "a4" }));
    expect((await ask("a4")).body).toMatchObject({
      state: "closed",
      mayProceed: false,
      retryAfterMs: null,
      reason: `contained: incident ${incidentId} is open`,
    });
  });

  it("may at half its budget: a degradation does not stop it", async () => {
    await api.services.incidents.open(openRequest({ agentId: "a5" }, { runbook: "service-degradation" }));
    expect((await ask("a5")).body.mayProceed).toBe(true);
  });
});

describe("a report", () => {
  it.each([
    ["no outcome", {}, "outcome"],
    ["another word", { outcome: "maybe" }, "outcome"],
    ["a probe that is no text", { outcome: "success", probe: 7 }, "probe"],
  ])("with %s is refused, the field named", async (_what, body, field) => {
    const answer = await post(path("b1"), body);
    expect([answer.status, (answer.body.errors as { field: string }[]).map((one) => one.field)]).toEqual([
      422,
      [field],
    ]);
  });

  it("about an id that is none is refused", async () => {
    expect((await report("x".repeat(201), "failure")).status).toBe(422);
    expect((await report("a\u0007", "failure")).status).toBe(422);
  });
});

describe("who may do what", () => {
  it("agent asks and reports, and nothing else", async () => {
    expect((await ask("c1")).status).toBe(200);
    expect((await report("c1", "success")).status).toBe(200);
    for (const read of ["/api/incidents", "/api/silences", "/api/settings", "/admin/queues"])
      expect([read, (await api.get(read, agent)).status]).toEqual([read, 403]);
    expect((await post(`${path("c1")}/reset`, { by: "x", reason: "y" })).status).toBe(403);
  });

  it("viewer peeks, and neither takes a probe nor reports", async () => {
    const viewer = as(tokens.viewer);
    expect((await api.get(`${path("c2")}?peek=true`, viewer)).status).toBe(200);
    const refused = await api.get(path("c2"), viewer);
    expect([refused.status, refused.body.detail]).toEqual([403, "This needs the role agent; the token has viewer."]);
    expect((await post(path("c2"), { outcome: "failure" }, viewer)).status).toBe(403);
  });

  it("login peeks and takes no probe: a page of another site can make a browser ask", async () => {
    await opened("c5", 300_000);
    const { cookie, changing } = await logIn(api, tokens.responder);
    for (const headers of [{ cookie }, changing])
      expect((await api.get(path("c5"), headers)).body).toMatchObject({ state: "half-open", probe: null });
    expect((await api.get(path("c5"), as(tokens.responder))).body.probe).toEqual(expect.any(String));
  });

  it("person who reports for an agent is in the audit trail, and an agent is not", async () => {
    await report("c6", "failure");
    const { changing } = await logIn(api, tokens.responder);
    await post(path("c6"), { outcome: "failure" }, changing);
    await post(path("c6"), { outcome: "success" }, as(tokens.responder));
    const found = (await api.services.audit.list(50)).filter(({ target }) => target === "c6");
    // What an agent says of itself bears no name; where the credential has none either, its role says who.
    const who = { action: "reportOutcome", by: "responder", role: "responder" };
    expect(found.map(({ action, by, role, via, fields }) => ({ action, by, role, via, fields }))).toEqual([
      { ...who, via: "api", fields: { outcome: "success" } },
      { ...who, via: "console", fields: { outcome: "failure" } },
    ]);
  });

  it("responder closes a breaker by hand, with name and reason", async () => {
    await opened("c3");
    const responder = as(tokens.responder);
    expect((await post(`${path("c3")}/reset`, { by: "mira" }, responder)).status).toBe(422);
    const reset = await post(`${path("c3")}/reset`, { by: "mira", reason: "upstream is back" }, responder);
    expect([reset.status, reset.body]).toEqual([200, { agentId: "c3", answer: "reset" }]);
    expect((await ask("c3")).body).toMatchObject({
      mayProceed: true,
      reason: "no failures; reset by mira: upstream is back",
    });
  });
});

describe("what operators see", () => {
  it("is counted in readiness and metrics, without naming an agent", async () => {
    await opened("d1-secret-name");
    const text = (await api.get("/metrics")).text;
    expect(text).toMatch(/^tourniquet_breakers\{state="open"\} [1-9]/m);
    expect(text).toMatch(/^tourniquet_breakers\{state="half-open"\} \d/m);
    expect(text).toMatch(/^tourniquet_breaker_openings_total [1-9]/m);
    expect(text).not.toContain("d1-secret-name");
    expect((await api.get("/readyz")).body).toMatchObject({ status: "ready", breakers: { open: expect.any(Number) } });
  });
});
