import { get } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Api, openApi, tokens } from "./api.ts";

const bearer = (token: string | undefined) => ({ authorization: `Bearer ${token}` });
const basic = (token: string | undefined) => ({
  authorization: `Basic ${Buffer.from(`anybody:${token}`).toString("base64")}`,
});

let api: Api;
let open: Api;
beforeAll(async () => {
  api = await openApi({ tokens });
  open = await openApi();
});
afterAll(async () => {
  await api.close();
  await open.close();
});

/** With node:http, since fetch would tidy the path before it is sent. */
const locationOf = (path: string) =>
  new Promise<string>((resolve, reject) => {
    const options = { port: new URL(api.url).port, path, agent: false };
    get(options, (res) => resolve(String(res.resume().headers.location))).on("error", reject);
  });

const standDown = (to: Api, headers: Record<string, string>) =>
  fetch(`${to.url}/api/incidents/inc-0-abcdef012345-1/stand-down`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ by: "ana", reason: "false alarm" }),
  });

describe.each(["/api/incidents", "/api/intake", "/admin/queues"])("%s", (path) => {
  it("is for whoever has a token, as bearer or as a browser's password", async () => {
    for (const token of Object.values(tokens)) {
      expect((await api.get(path, bearer(token))).status).toBe(200);
      expect((await api.get(path, basic(token))).status).toBe(200);
    }
  });

  it("is 401 without a token and with a wrong one, and makes a browser ask", async () => {
    const attempts: Record<string, string>[] = [
      {},
      bearer("wrong-token-0123"),
      bearer(""),
      basic("wrong"),
      { authorization: "Basic" },
      { cookie: `tourniquet_session=${tokens.admin}` },
    ];
    for (const headers of attempts) {
      const { status, headers: answered, body } = await api.get(path, headers);
      expect([status, body.type]).toEqual([401, "urn:tourniquet:problem:token-required"]);
      expect(answered.get("www-authenticate")).toContain("Basic realm=");
      const isNone = Object.keys(headers).length === 0;
      expect(body.detail).toMatch(isNone ? /^Send a token/ : /^The token that was sent is none of ours/);
    }
  });
});

describe("a link with a token", () => {
  it("becomes a cookie that only this site gets, and the address loses the token", async () => {
    const first = await api.get(`/api/incidents?limit=3&token=${tokens.viewer}`);
    expect([first.status, first.headers.get("location")]).toEqual([303, "/api/incidents?limit=3"]);
    const cookie = first.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(/^tourniquet_session=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(cookie).not.toContain(tokens.viewer);
    const session = { cookie: `other=1; ${cookie.split(";")[0]}` };
    expect((await api.get("/api/incidents", session)).status).toBe(200);
    expect((await api.get("/admin/queues", session)).status).toBe(200);
    expect((await standDown(api, session)).status).toBe(403);
  });

  it("does not lead to another site, and does nothing with a wrong token", async () => {
    for (const path of ["//evil.example/a", "/.//evil.example", "/%2F/evil.example", "/\\evil.example"])
      expect(await locationOf(`${path}?token=${tokens.viewer}`)).toMatch(/^\/(?![/\\])/);
    expect((await api.get("/api/incidents?token=wrong")).status).toBe(401);
  });
});

describe("standing an incident down", () => {
  it("needs a responder, and says which role is missing", async () => {
    const viewer = await standDown(api, bearer(tokens.viewer));
    expect([viewer.status, await viewer.json()]).toEqual([
      403,
      expect.objectContaining({ detail: "This needs the role responder; the token has viewer." }),
    ]);
    for (const token of [tokens.responder, tokens.admin])
      expect((await standDown(api, bearer(token))).status).toBe(404);
  });

  it("is not taken from another site's page, though the browser sends its password along", async () => {
    const foreign: Record<string, string>[] = [
      { origin: "https://evil.example" },
      { "sec-fetch-site": "cross-site" },
      { origin: "null" },
    ];
    for (const from of foreign) expect((await standDown(api, { ...basic(tokens.admin), ...from })).status).toBe(403);
    expect(
      (await standDown(api, { ...basic(tokens.admin), origin: api.url, "sec-fetch-site": "same-origin" })).status,
    ).toBe(404);
  });
});

describe("without any token configured", () => {
  it("shows the read API to this machine only, by its own name and not through a proxy", async () => {
    expect((await open.get("/api/incidents")).status).toBe(200);
    expect((await open.get("/api/intake")).status).toBe(200);
    const proxied = await open.get("/api/incidents", { "x-forwarded-for": "203.0.113.7" });
    expect([proxied.status, proxied.body.detail]).toEqual([
      403,
      expect.stringContaining("Set VIEWER_TOKEN or RESPONDER_TOKEN or ADMIN_TOKEN"),
    ]);
  });

  it("keeps the queues and every change closed, and says which variable opens them", async () => {
    const board = await open.get("/admin/queues");
    expect([board.status, board.body.detail]).toEqual([403, expect.stringContaining("VIEWER_TOKEN")]);
    const change = await standDown(open, {});
    expect([change.status, await change.json()]).toEqual([
      403,
      expect.objectContaining({ detail: "Set RESPONDER_TOKEN or ADMIN_TOKEN to use this." }),
    ]);
  });
});
