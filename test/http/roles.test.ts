import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Api, openApi, tokens } from "./api.ts";
import { bearer, logIn } from "./logging-in.ts";

let api: Api;
let open: Api;
beforeAll(async () => {
  api = await openApi({ tokens });
  open = await openApi({ tokens: {} });
});
afterAll(async () => {
  await api.close();
  await open.close();
});

const standDown = (to: Api, headers: Record<string, string>) =>
  fetch(`${to.url}/api/incidents/inc-0-abcdef012345-1/stand-down`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ by: "ana", reason: "false alarm" }),
  });

describe.each(["/api/incidents", "/api/intake", "/admin/queues"])("%s", (path) => {
  it("is for whoever has a token or a login", async () => {
    for (const token of Object.values(tokens)) expect((await api.get(path, bearer(token))).status).toBe(200);
    const { cookie } = await logIn(api, tokens.viewer);
    expect((await api.get(path, { cookie })).status).toBe(200);
  });

  it("is 401 without either and with a wrong one, and says what is wrong", async () => {
    const basic = `Basic ${Buffer.from(`anybody:${tokens.admin}`).toString("base64")}`;
    const attempts: [Record<string, string>, RegExp][] = [
      [{}, /^Send a token/],
      [bearer("wrong-token-0123"), /^The token that was sent is none of ours/],
      [bearer(`tqt_${"x".repeat(43)}`), /^The token that was sent is none of ours/],
      [bearer(""), /no other scheme is taken/],
      [{ authorization: basic }, /no other scheme is taken/],
      [{ cookie: `tourniquet=${tokens.admin}` }, /^Send a token/],
      [{ cookie: `tourniquet=${"x".repeat(43)}` }, /^The login has ended/],
    ];
    for (const [headers, detail] of attempts) {
      const { status, headers: answered, body } = await api.get(path, headers);
      expect([status, body.type]).toEqual([401, "urn:tourniquet:problem:token-required"]);
      expect(answered.get("www-authenticate")).toBe('Bearer realm="Tourniquet"');
      expect(body.detail).toMatch(detail);
    }
  });

  it("takes no token in the address", async () => {
    const { status, headers } = await api.get(`${path}?token=${tokens.admin}`);
    expect([status, headers.get("set-cookie")]).toEqual([401, null]);
  });
});

describe("standing an incident down", () => {
  it("needs a responder, and says which role is missing", async () => {
    const viewer = await standDown(api, bearer(tokens.viewer));
    expect([viewer.status, await viewer.json()]).toEqual([
      403,
      expect.objectContaining({ detail: "This needs the role responder; the token has viewer." }),
    ]);
    const { changing } = await logIn(api, tokens.viewer);
    expect((await standDown(api, changing)).status).toBe(403);
    for (const token of [tokens.responder, tokens.admin])
      expect((await standDown(api, bearer(token))).status).toBe(404);
  });
});

describe("without any token configured", () => {
  it("shows nothing to anybody, this machine included: a proxy here hands on the whole world", async () => {
    for (const path of ["/api/incidents", "/api/intake", "/api/session", "/api/live", "/api/audit"]) {
      const { status, body } = await open.get(path);
      expect([path, status, body.detail]).toEqual([
        path,
        403,
        expect.stringContaining("Set VIEWER_TOKEN or RESPONDER_TOKEN or ADMIN_TOKEN"),
      ]);
    }
  });

  it("keeps the queues and every change closed, and says what opens them", async () => {
    const board = await open.get("/admin/queues");
    expect([board.status, board.body.detail]).toEqual([403, expect.stringContaining("VIEWER_TOKEN")]);
    const change = await standDown(open, {});
    expect([change.status, await change.json()]).toEqual([
      403,
      expect.objectContaining({
        detail: "Set RESPONDER_TOKEN or ADMIN_TOKEN, or make a token (tourniquet tokens create), to use this.",
      }),
    ]);
  });

  it("is opened by a token of somebody's own", async () => {
    const { personalTokens } = open.services;
    const made = await personalTokens.create({ name: "ada", role: "viewer", createdBy: "ben", expiresAt: null });
    expect((await open.get("/api/incidents")).status).toBe(401);
    expect((await open.get("/api/incidents", bearer(made.secret))).status).toBe(200);
    await personalTokens.revoke(made.token.id);
    expect((await open.get("/api/incidents")).status).toBe(403);
  });
});
