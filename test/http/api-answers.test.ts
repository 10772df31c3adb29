import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endpoints } from "../../src/http/api/index.ts";
import { until } from "../support/until.ts";
import { nativeHeaders, tokens } from "./api.ts";
import { type ApiWorld, apiWorld } from "./api-world.ts";
import { type Answered, type Said, type ToldApi, toldApi } from "./told-api.ts";

const admin = { authorization: `Bearer ${tokens.admin}` };
const order = { by: "ada", reason: "seen it twice" };
const mended = { by: "ada", rootCause: "retry loop without an end", fix: "v2.3 gives up after three" };
/** operationId and status of every success that was answered. */
const answered = new Set<string>();

let world: ApiWorld;
let told: ToldApi;
beforeAll(async () => {
  world = await apiWorld();
  told = await toldApi(world.url);
}, 30_000);
afterAll(() => world.close());

const isChange = (id: string) =>
  told.operations.find((one) => one.id === id)?.operation.parameters?.some(({ name }) => name === "idempotency-key");

/** Asks as an admin, and of a change everything that its Idempotency-Key promises. */
async function walk(id: string, status: number, said: Said = {}): Promise<Answered> {
  const key = { "idempotency-key": randomUUID() };
  const asked: Said = { ...said, headers: { ...admin, ...(isChange(id) && key), ...said.headers } };
  const first = await told.ask(id, asked);
  expect([id, first.status, first.status === status ? "" : first.text]).toEqual([id, status, ""]);
  answered.add(`${id} ${status}`);
  if (!isChange(id)) return first;
  const before = (await world.services.audit.list(1))[0]?.number;
  const again = await told.ask(id, asked);
  expect([id, again.status, again.headers.get("idempotency-replayed")]).toEqual([id, status, "true"]);
  expect({ ...again.body, secret: null }).toEqual({ ...first.body, secret: null });
  const other = await told.ask(id, { ...asked, body: { ...(said.body as object), ...another(said.body) } });
  expect([id, other.status, other.body.type]).toEqual([id, 422, "urn:tourniquet:problem:idempotency-key-reused"]);
  expect((await world.services.audit.list(1))[0]?.number).toBe(before);
  return first;
}
function another(body: unknown) {
  if ("outcome" in (body as object)) return { outcome: "success" };
  return "owner" in (body as object) ? { owner: "lin" } : { by: "lin" };
}

const signed = (value: unknown): Said => {
  const text = JSON.stringify(value);
  return { file: { type: "application/json", text }, headers: nativeHeaders(text) };
};
const escrowEvent = (id: string) => ({
  event_type: "escrow_state_change",
  agent_id: "agent-b",
  id,
  payload: { escrow_id: id, payer: "agent-b", payee: "shop", amount: "1.00", status: "held" },
});

describe("what is answered is what /openapi.json tells", () => {
  it("of webhooks and telemetry, and of what could not be read", async () => {
    await walk("receiveWebhook", 202, signed(escrowEvent("e-1")));
    await walk("receiveWebhookAtOldAddress", 202, signed(escrowEvent("e-2")));
    const call = { event_type: "tool_call", agent_id: "agent-b", details: { tool_name: "search" } };
    await walk("receiveActivity", 202, signed({ events: [call, { ...call, id: "2" }] }));
    await walk("receiveActivity", 202, signed({ ...call, id: "3" }));
    expect((await told.ask("receiveWebhook", signed({ event_type: "budget_exceeded" }))).status).toBe(422);
    expect((await told.ask("receiveWebhook", { body: {} })).status).toBe(401);
    expect((await told.ask("receiveWebhook", { file: { type: "text/plain", text: "x" } })).status).toBe(415);
    for (const n of [2, 3, 4, 5]) await told.ask("receiveWebhook", signed({ event_type: "budget_exceeded", n }));
    const first = await walk("listQuarantine", 200, { query: { limit: "2" } });
    const second = await walk("listQuarantine", 200, { query: { limit: "2", after: String(first.body.next) } });
    const third = await walk("listQuarantine", 200, { query: { limit: "2", after: String(second.body.next) } });
    const pages = [first, second, third].map(({ body }) =>
      (body.quarantined as { number: number }[]).map((one) => one.number),
    );
    expect([pages, third.body.next]).toEqual([[[5, 4], [3, 2], [1]], null]);
    await walk("showIntake", 200);
  });

  it("of health, of who asks, and of the description itself", async () => {
    for (const id of ["isAlive", "isReady", "showMetrics", "showDescription", "showAddresses"]) await walk(id, 200);
    const { body } = await walk("logIn", 200, { body: { token: tokens.responder } });
    expect(body).toMatchObject({ role: "responder", name: null });
    const form = { type: "application/x-www-form-urlencoded", text: `token=${tokens.viewer}&then=/fleet` };
    expect((await walk("logIn", 303, { file: form })).headers.get("location")).toBe("/fleet");
    expect((await told.ask("logIn", { body: { token: "wrong" } })).status).toBe(401);
    await walk("showSession", 200);
    await walk("logOut", 204, { body: {} });
  });

  it("of incidents, of their documents, and of what is ordered about them", async () => {
    const { root, other } = world.incidents;
    const first = await walk("listIncidents", 200, { query: { limit: "1", status: "open", priority: "P0" } });
    await walk("showOverview", 200);
    const second = await walk("listIncidents", 200, { query: { limit: "1", after: String(first.body.next) } });
    const ids = [first, second].map(({ body }) => (body.incidents as { id: string }[])[0]!.id);
    expect(ids.toSorted()).toEqual([root, other].toSorted());
    for (const id of [root, other])
      for (const one of ["showIncident", "showEvidence", "showSpend", "showPostMortem"])
        await walk(one, 200, { params: { id } });
    await walk("showPostMortem", 200, { params: { id: root }, query: { format: "md" } });
    const file = { type: "application/json", text: (await walk("exportLedger", 200, { params: { id: root } })).text };
    expect((await walk("verifyLedger", 200, { file })).body).toMatchObject({ verdict: "whole", incident: root });
    const bent = { ...file, text: file.text.replace("agent-a", "agent-b") };
    expect((await walk("verifyLedger", 200, { file: bent })).body.verdict).toBe("changed");
    expect((await walk("verifyLedger", 200, { file: { ...file, text: "{}" } })).body.verdict).toBe("no-ledger");
    await walk("acknowledgeIncident", 200, { params: { id: root }, body: { by: "ada" } });
    await walk("acknowledgeCascade", 200, { params: { id: world.cascadeId }, body: { by: "ada" } });
  });

  it("of cascades, signals and the fleet", async () => {
    await walk("listCascades", 200);
    await walk("showCascade", 200, { params: { id: world.cascadeId } });
    const { body } = await walk("listSignals", 200, { query: { limit: "2" } });
    await walk("showSignal", 200, { params: { id: (body.signals as { id: string }[])[0]!.id } });
    await walk("showFleet", 200);
    await walk("listFleetAgents", 200);
  });

  it("of a recovery, also once it is under way, and of an incident that is stood down", async () => {
    const { root, other } = world.incidents;
    await walk("recoverIncident", 202, { params: { id: root }, body: mended });
    const view = () => world.services.incidents.view(root);
    await until(async () => (await view())?.status === "recovering", `${root} to recover`);
    await walk("recoverIncident", 200, { params: { id: root }, body: { ...mended, by: "grace" } });
    expect((await walk("showIncident", 200, { params: { id: root } })).body).toMatchObject({ status: "recovering" });
    await walk("showFleet", 200);
    await walk("standDownIncident", 202, { params: { id: other }, body: order });
    await until(async () => (await world.services.incidents.load(other))?.status === "stood-down", "it to be over");
    await walk("showIncident", 200, { params: { id: other } });
  });

  it("of breakers, of a containment by hand, of a shutdown and of what waits for a word", async () => {
    const params = { id: "agent-c" };
    await walk("askBreaker", 200, { params });
    await walk("reportOutcome", 200, { params, body: { outcome: "failure" } });
    await walk("resetBreaker", 200, { params, body: order });
    await walk("containAgent", 202, { params: { id: "agent-b" }, body: order });
    const waiting = { kind: "freezes", what: "too many", cascadeId: null, verdicts: [] } as const;
    for (const [id, verb] of [
      ["freezes-1", "approveFreezes"],
      ["freezes-2", "declineFreezes"],
    ] as const) {
      await world.services.fleet.ask({ ...waiting, id });
      await walk("showFleet", 200);
      await walk(verb, 202, { body: { ...order, id } });
    }
    await walk("shutDownFleet", 202, { body: order });
    await walk("showFleet", 200);
    await walk("resumeFleet", 202, { body: order });
  });

  it("of silences, tunings, tokens and dead letters", async () => {
    const until = new Date(Date.now() + 60_000).toISOString();
    const silence = { owner: "mira", reason: "load test", until, holdsContainment: true };
    const { body } = await walk("addSilence", 201, { body: silence });
    await walk("listSilences", 200);
    await walk("endSilence", 204, { params: { id: String(body.id) }, body: { by: "ada" } });
    const [taken, refused] = world.tunings;
    await walk("listTunings", 200, { query: { limit: "1" } });
    await walk("approveTuning", 200, { params: { id: taken }, body: order });
    await walk("withdrawTuning", 200, { params: { id: taken }, body: order });
    await walk("rejectTuning", 200, { params: { id: refused }, body: order });
    await walk("showTuning", 200, { params: { id: refused } });
    const token = await walk("createToken", 201, { body: { by: "ada", name: "grace", role: "viewer" } });
    expect(token.body.secret).toMatch(/^tqt_/);
    await walk("listTokens", 200);
    await walk("revokeToken", 204, { params: { id: String(token.body.id) }, body: { by: "ada" } });
    await walk("listDeadLetters", 200);
    await walk("replayDeadLetters", 200, { body: { ...order, id: world.deadLetter, dryRun: true } });
    await walk("replayDeadLetters", 200, { body: { ...order, id: world.deadLetter } });
    await walk("showDeadLetter", 200, { params: { queue: "forensics", id: world.deadLetter } });
  });

  it("of settings, and of what is tried out", async () => {
    await walk("showSettings", 200);
    const check = (text: string) => walk("checkSettings", 200, { file: { type: "application/yaml", text } });
    expect((await check("cascade: { agents: 3 }")).body).toMatchObject({
      isValid: true,
      differences: [{ path: "cascade.agents", value: "3", line: 1 }],
    });
    expect((await check("mode: act\ncascade: { agents: 0 }\nmoed: act")).body).toMatchObject({
      isValid: false,
      mistakes: [
        expect.stringMatching(/^settings line 2: cascade.agents/),
        expect.stringMatching(/^settings line 3: /),
      ],
    });
    // Where keys lie is not tried out for whoever may only read.
    for (const file of ["/etc/passwd", "/nowhere"])
      expect((await check(`keys: { containment: { file: ${file} } }`)).body).toMatchObject({ isValid: true });
    expect((await walk("reloadSettings", 200, { body: { by: "ada" } })).body).toMatchObject({ mistakes: [] });
    const tried = await walk("testNotifications", 200, { body: { by: "ada" } });
    expect(tried.body.results).toEqual([expect.objectContaining({ channel: "slack", isTold: true })]);
    await walk("checkKeys", 200, { body: {} });
    expect((await walk("diagnose", 200)).body.counts).toMatchObject({ ok: expect.any(Number) });
  });

  it("of drills", async () => {
    await walk("listScenarios", 200);
    const { body } = await walk("runDrill", 202, { body: { scenario: "runaway", by: "ada" } });
    await walk("showDrill", 200, { params: { id: String(body.id) } });
    expect((await walk("listDrills", 200)).body.drills).toHaveLength(1);
  });

  it("of the audit trail, and of what goes on", async () => {
    const { body } = await walk("listChanges", 200);
    for (const { by, action } of body.changes as { by: string; action: string }[])
      expect([action, by]).toEqual([
        action,
        action === "reportOutcome" ? "admin" : expect.stringMatching(/^(ada|grace|mira)$/),
      ]);
    const changed = (await world.services.audit.list(200)).filter(({ outcome }) => outcome?.result === "ok");
    const audited = endpoints.filter((one) => isChange(one.id)).map(({ id }) => id);
    expect([...new Set(changed.map(({ action }) => action))].toSorted()).toEqual(audited.toSorted());
    expect(changed.every(({ via, role }) => via === "api" && role === "admin")).toBe(true);
    await walk("exportChanges", 200);
    await walk("listenLive", 200);
  });

  it("of every success that it tells of", () => {
    const all = told.operations.flatMap(({ id, operation }) =>
      Object.keys(operation.responses)
        .filter((status) => Number(status) < 400)
        .map((status) => `${id} ${status}`),
    );
    expect(all.filter((one) => !answered.has(one))).toEqual([]);
  });
});

describe("what is not known is refused by name, as /openapi.json tells", () => {
  it("in the query and in the body of every operation, and so is every other method", async () => {
    const checked = told.operations.filter(({ operation }) => "422" in operation.responses && !operation.security);
    expect(checked.length).toBeGreaterThan(40);
    for (const { id, method, path, operation } of checked) {
      const params = { id: path.startsWith("/api/cascades") ? "cas-1" : world.incidents.root, queue: "contain" };
      const drill = path.startsWith("/api/drills") ? { id: "drill-1" } : {};
      const type = Object.keys(operation.requestBody?.content ?? {})[0] ?? "";
      const isFile = type !== "" && (type !== "application/json" || id === "verifyLedger");
      const sent = isFile ? { file: { type, text: "x" } } : method === "get" ? {} : { body: { nonsense: 1 } };
      const all = { params: { ...params, ...drill }, query: { nonsense: "1" }, headers: admin, ...sent };
      const { status, body } = await told.ask(id, all);
      expect([id, status]).toEqual([id, 422]);
      const named = (body.errors as { field: string; problem: string }[]).filter(({ field }) => field === "nonsense");
      expect([id, named.length]).toEqual([id, "body" in sent ? 2 : 1]);
      const wrong = await fetch(`${world.url}${path.replace(/\{\w+\}/g, "x")}`, { method: "PATCH" });
      expect([id, wrong.status, wrong.headers.get("content-type")]).toEqual([id, 405, "application/problem+json"]);
    }
  });
});
