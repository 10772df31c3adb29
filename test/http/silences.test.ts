import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keys } from "../../src/redis/keys.ts";
import { readSettings } from "../../src/settings/settings.ts";
import { type Api, openApi, tokens } from "./api.ts";

const as = (token: string | undefined) => ({ authorization: `Bearer ${token}` });
let api: Api;
beforeAll(async () => {
  api = await openApi({ tokens });
});
afterAll(() => api.close());

const MINUTE = 60_000;
const DAY = 86_400_000;
const inMs = async (ms: number) => new Date((await api.services.clock.now()) + ms).toISOString();
async function send(method: string, path: string, body?: unknown, token = tokens.responder) {
  const answer = await fetch(api.url + path, {
    method,
    headers: { "content-type": "application/json", ...as(token) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: (text ? JSON.parse(text) : {}) as Record<string, unknown> };
}
const add = async (more: Record<string, unknown> = {}, token = tokens.responder) =>
  send("POST", "/api/silences", { owner: "mira", reason: "load test", until: await inMs(MINUTE), ...more }, token);
const fieldsOf = ({ body }: { body: Record<string, unknown> }) =>
  (body.errors as { field: string; problem: string }[]).map(({ field, problem }) => `${field} ${problem}`);

describe("a silence", () => {
  it("is added, listed and ended by a responder, and stays listed as expired", async () => {
    const until = await inMs(MINUTE);
    const added = await add({ until, agent: "a", signal: "cost-anomaly" });
    expect([added.status, added.body]).toEqual([
      201,
      expect.objectContaining({ owner: "mira", until, agent: "a", signal: "cost-anomaly", holdsContainment: false }),
    ]);
    const { id } = added.body as { id: string };
    const listed = async () => {
      const { body } = await api.get("/api/silences", as(tokens.viewer));
      return (body.silences as { id: string; state: string; heldBack: number }[]).find((one) => one.id === id);
    };
    expect(await listed()).toMatchObject({ state: "active", heldBack: 0 });
    expect((await send("DELETE", `/api/silences/${id}`, {})).status).toBe(422);
    expect((await send("DELETE", `/api/silences/${id}`, { by: "noor" })).status).toBe(204);
    expect((await send("DELETE", `/api/silences/${id}`, { by: "noor" })).status).toBe(404);
    expect(await listed()).toMatchObject({ state: "expired" });
    const said = api.lines.map((line) => JSON.parse(line).what);
    expect(said).toEqual(expect.arrayContaining(["silence.added", "silence.ended-early"]));
  });

  it("has every mistake named at once", async () => {
    const wrong = await send("POST", "/api/silences", {
      owner: " ",
      until: "tomorrow",
      signal: "noise",
      holdsContainment: "yes",
      agnet: "a",
    });
    expect(wrong.status).toBe(422);
    expect(fieldsOf(wrong)).toEqual([
      "owner must say who answers for it",
      "reason must say why",
      "until must be a time with its zone, such as 2026-11-22T02:47:00Z",
      expect.stringMatching(/^signal must be one of /),
      "holdsContainment must be true or false",
      "agnet is not known here",
    ]);
  });

  it("that is still to come says so, and that it holds back what is now where it does", async () => {
    const [past, future] = [await inMs(-MINUTE), await inMs(MINUTE / 2)];
    const states = [await add({ from: future }), await add({ from: past }), await add()].map(({ body }) => body.state);
    expect(states).toEqual(["coming", "active", "active"]);
  });

  it("ends in the future, and at most 30 days from its beginning", async () => {
    expect(fieldsOf(await add({ until: await inMs(0) }))).toEqual(["until is past"]);
    expect((await add({ until: await inMs(1_000) })).status).toBe(201);
    expect((await add({ until: await inMs(30 * DAY) })).status).toBe(201);
    expect(fieldsOf(await add({ until: await inMs(30 * DAY + 1_000) }))).toEqual([
      "until must be at most 30 days ahead",
    ]);
    const from = await inMs(MINUTE);
    expect(fieldsOf(await add({ from, until: from }))).toEqual(["until must be later than from"]);
  });

  it("that holds containment needs an admin", async () => {
    const refused = await add({ holdsContainment: true });
    expect([refused.status, refused.body.detail]).toEqual([403, "This needs the role admin; the token has responder."]);
    expect((await add({ holdsContainment: true }, tokens.admin)).status).toBe(201);
  });

  it("is refused while there are a hundred, since every freeze reads them all", async () => {
    // Without those of above, some of which are over in a second.
    await api.services.redis.del(keys.silences());
    const now = await api.services.clock.now();
    const one = { owner: "o", reason: "r", from: now, until: now + DAY, agent: "nobody", signal: undefined };
    for (let i = 0; i < 99; i += 1) await api.services.silences.add({ ...one, holdsContainment: false });
    const { body, status } = await add({ agent: "nobody" });
    expect(status).toBe(201);
    expect((await add()).status).toBe(409);
    await send("DELETE", `/api/silences/${body.id}`, { by: "mira" });
    expect((await add({ agent: "nobody" })).status).toBe(201);
  });

  it("is no viewer's to make or end", async () => {
    expect((await add({}, tokens.viewer)).status).toBe(403);
    expect((await send("DELETE", "/api/silences/sil-1", { by: "x" }, tokens.viewer)).status).toBe(403);
  });
});

describe("the settings in force", () => {
  it("are shown with their hash, the line of each value, and the last reload that failed", async () => {
    const { heldSettings } = api.services;
    heldSettings.reload(() =>
      readSettings(
        "mode: act\ncascade:\n  agents: 3\nkeys: { containment: { env: K } }",
        { K: "gh-secret" },
        "our.yaml",
      ),
    );
    heldSettings.reload(() => readSettings("cascade: { agents: 0 }", {}, "our.yaml"));
    const { body, text } = await api.get("/api/settings", as(tokens.viewer));
    expect(body).toMatchObject({
      hash: heldSettings.state.hash,
      isStale: true,
      file: "our.yaml",
      lines: { mode: 1, "cascade.agents": 3, "keys.containment.env": 4 },
      failedReload: { mistakes: ["our.yaml line 1: cascade.agents must be a whole number from 2 to 1000"] },
      settings: { cascade: { agents: 3 }, keys: { containment: "variable K" } },
    });
    expect(text).not.toContain("gh-secret");
    expect((await api.get("/readyz")).body).toMatchObject({ status: "ready", settings: { isStale: true } });
    const metrics = (await api.get("/metrics")).text;
    expect(metrics).toMatch(/^tourniquet_settings_stale 1$/m);
    expect(metrics).toContain(`tourniquet_settings_info{hash="${heldSettings.state.hash}",mode="act"} 1`);
  });

  it("are one reload later the new ones, fresh again", async () => {
    api.services.heldSettings.reload(() => readSettings("mode: observe", {}));
    expect((await api.get("/api/settings", as(tokens.viewer))).body).toMatchObject({
      isStale: false,
      failedReload: null,
      settings: { mode: "observe" },
    });
    const metrics = (await api.get("/metrics")).text;
    expect(metrics).toMatch(/^tourniquet_settings_stale 0$/m);
    expect(metrics.match(/^tourniquet_settings_info\{.*$/gm)).toHaveLength(1);
  });
});
