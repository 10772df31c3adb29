import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLoginLimit } from "../../src/redis/login-limit.ts";
import { until } from "../support/until.ts";
import { type Api, openApi, tokens } from "./api.ts";
import { bearer, logIn, page } from "./logging-in.ts";

const generous = { tries: 1_000, everySec: 60 };
let api: Api;
beforeAll(async () => {
  api = await openApi({
    tokens: { ...tokens, agent: "agent-token-0123" },
    ports: ({ redis }) => ({ loginLimit: createLoginLimit(redis, generous), trustedProxies: ["127.0.0.1"] }),
  });
});
afterAll(() => api.close());

const behindTls = { "x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.7" };
const session = (to: Api, cookie: string, headers: Record<string, string> = {}) =>
  to.get("/api/session", { cookie, ...headers });

describe("a login with a token", () => {
  it("answers whose it is, until when, and what changes must carry; the session says the same", async () => {
    const { status, body, cookie } = await logIn(api, tokens.responder);
    expect([status, body]).toEqual([
      200,
      {
        role: "responder",
        name: null,
        csrfToken: expect.stringMatching(/^[\w-]{43}$/),
        idleUntil: expect.stringMatching(/Z$/),
        endsAt: expect.stringMatching(/Z$/),
      },
    ]);
    const length = Date.parse(String(body.endsAt)) - Date.parse(String(body.idleUntil));
    expect(length).toBe((8 * 60 - 15) * 60_000);
    const again = await session(api, `other=1; ${cookie}`);
    expect(again.body).toEqual({ ...body, idleUntil: expect.any(String) });
    for (const path of ["/api/incidents", "/admin/queues"]) expect((await api.get(path, { cookie })).status).toBe(200);
  });

  it("keeps in the browser what no page can read and no other site gets, and never the token", async () => {
    const { setCookie } = await logIn(api, tokens.viewer);
    expect(setCookie).toMatch(/^tourniquet=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    const { setCookie: overTls } = await logIn(api, tokens.viewer, behindTls);
    expect(overTls).toMatch(/^__Host-tourniquet=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
  });

  it("keeps in Redis nothing that opens anything", async () => {
    const { cookie, body } = await logIn(api, tokens.admin);
    const { keys } = await api.stored();
    const kept = await Promise.all(
      keys.filter((key) => key.includes(":session:")).map((key) => api.services.redis.hgetall(key)),
    );
    const text = JSON.stringify([keys, kept]);
    for (const secret of [cookie.split("=")[1]!, tokens.admin!, String(body.csrfToken)])
      expect(text).not.toContain(secret);
  });

  it("works from a form without scripts, and leads to a page of ours alone", async () => {
    const form = (then: string, token = tokens.viewer!) =>
      fetch(`${api.url}/login`, {
        method: "POST",
        redirect: "manual",
        // Of a form on a page that tells nobody where it came from.
        headers: { origin: "null", "sec-fetch-site": "same-origin" },
        body: new URLSearchParams({ token, then }),
      });
    const answer = await form("/admin/queues?x=1");
    expect([answer.status, answer.headers.get("location")]).toEqual([303, "/admin/queues?x=1"]);
    const elsewhere = [
      "//evil.example/a",
      "/\\evil.example",
      "/.//evil.example",
      "https://evil.example",
      "/\t/evil.example",
    ];
    for (const then of [...elsewhere, "javascript:alert(1)", "", "/login"])
      expect([then, (await form(then)).headers.get("location")]).toEqual([then, "/"]);
    const wrong = await form('/"><script>', "wrong");
    expect([wrong.status, wrong.headers.get("set-cookie")]).toEqual([401, null]);
    const text = await wrong.text();
    expect(text).toContain('role="alert">The token that was sent is none of ours');
    expect(text).not.toContain("<script>");
  });
});

describe("what is no login", () => {
  it("is refused in words, and in the log with the address and without the token", async () => {
    const attempts = [
      { token: "wrong-token-0123", status: 401 },
      { token: `tqt_${"a".repeat(43)}`, status: 401 },
      { token: "agent-token-0123", status: 403 },
      { token: "", status: 422 },
      { token: { $ne: "" }, status: 422 },
    ];
    for (const { token, status } of attempts) {
      api.lines.length = 0;
      const answer = await logIn(api, token, { "x-forwarded-for": "198.51.100.4" });
      expect([answer.status, answer.setCookie, answer.body.detail]).toEqual([status, "", expect.any(String)]);
      expect(api.lines.join()).toContain("login.refused");
      expect(api.lines.join()).toContain("198.51.100.4");
      if (typeof token === "string" && token !== "") expect(api.lines.join()).not.toContain(token);
    }
  });

  it("is one that another site's page sends", async () => {
    const foreign: Record<string, string>[] = [{ origin: "https://evil.example" }, { "sec-fetch-site": "cross-site" }];
    for (const headers of foreign) expect((await logIn(api, tokens.admin, headers)).status).toBe(403);
  });
});

describe("a session", () => {
  it("is never one that the browser brought along, and the one before it is over", async () => {
    const planted = `tourniquet=${"a".repeat(43)}`;
    const first = await logIn(api, tokens.viewer, { cookie: planted });
    expect(first.cookie).not.toBe(planted);
    expect((await session(api, planted)).status).toBe(401);
    const second = await logIn(api, tokens.viewer, { cookie: first.cookie });
    expect(second.cookie).not.toBe(first.cookie);
    expect((await session(api, first.cookie)).status).toBe(401);
    expect((await session(api, second.cookie)).status).toBe(200);
  });

  it("is over at logout, which asks for what every change asks for", async () => {
    const { cookie, changing } = await logIn(api, tokens.viewer);
    const out = (headers: Record<string, string>) => fetch(`${api.url}/logout`, { method: "POST", headers });
    expect((await out({ cookie })).status).toBe(403);
    expect((await session(api, cookie)).status).toBe(200);
    const answer = await out(changing);
    expect([answer.status, answer.headers.get("set-cookie")]).toEqual([204, expect.stringContaining("tourniquet=;")]);
    const { status, body } = await session(api, cookie);
    expect([status, body.detail]).toEqual([401, expect.stringContaining("The login has ended")]);
  });

  it("made over https opens nothing under the name of plain http, and the other way round", async () => {
    const { cookie } = await logIn(api, tokens.viewer, behindTls);
    const secret = cookie.split("=")[1];
    expect((await session(api, cookie, behindTls)).status).toBe(200);
    expect((await session(api, `tourniquet=${secret}`, behindTls)).status).toBe(401);
    expect((await session(api, cookie)).status).toBe(401);
  });
});

describe("a browser without a login", () => {
  it("is led to it from a page, and back; a script or a program is told", async () => {
    const answer = await api.get("/admin/queues?x=1&y=%2F", page);
    expect([answer.status, answer.headers.get("location")]).toEqual([
      303,
      "/login?then=%2Fadmin%2Fqueues%3Fx%3D1%26y%3D%252F",
    ]);
    expect((await api.get("/login?then=%2Fadmin%2Fqueues", page)).status).toBe(200);
    for (const accept of ["*/*", "application/json"])
      expect((await api.get("/admin/queues", { accept })).status).toBe(401);
    expect((await api.get("/api/session", bearer(tokens.admin))).body).toEqual({
      ...{ role: "admin", name: null, csrfToken: null, idleUntil: null, endsAt: null },
    });
  });
});

describe("the limits of a session", () => {
  const MINUTE = 60_000;
  /** One login, and its place in Redis, where time can be played with. */
  const begun = async () => {
    const { redis } = api.services;
    const before = await redis.keys("{tq:fleet}:session:*");
    const { cookie } = await logIn(api, tokens.viewer);
    const [key = ""] = (await redis.keys("{tq:fleet}:session:*")).filter((one) => !before.includes(one));
    const used = async (agoMs: number) =>
      void (await redis.hset(key, "usedAt", (await api.services.clock.now()) - agoMs));
    return { cookie, key, used, redis, leftMs: () => redis.pttl(key) };
  };

  it("end it when it is idle for 15 minutes, and let use prolong it, written down once a minute", async () => {
    const { cookie, key, used, redis, leftMs } = await begun();
    expect(await leftMs()).toBeLessThanOrEqual(15 * MINUTE);
    await redis.pexpire(key, 5 * MINUTE);
    expect((await session(api, cookie)).status).toBe(200);
    expect(await leftMs()).toBeLessThanOrEqual(5 * MINUTE);
    await used(MINUTE);
    const { body } = await session(api, cookie);
    expect(await leftMs()).toBeGreaterThan(14 * MINUTE);
    const idleMs = Date.parse(String(body.idleUntil)) - (await api.services.clock.now());
    expect(Math.abs(idleMs - (await leftMs()))).toBeLessThan(5_000);
    await redis.pexpire(key, 1);
    await until(async () => (await session(api, cookie)).status === 401, "the session to be over");
  });

  it("end it after 8 hours, however much it is used", async () => {
    const { cookie, key, used, redis, leftMs } = await begun();
    const endsAt = (await api.services.clock.now()) + MINUTE;
    await redis.hset(key, "endsAt", endsAt);
    await used(2 * MINUTE);
    expect((await session(api, cookie)).body.endsAt).toBe(new Date(endsAt).toISOString());
    expect(await leftMs()).toBeLessThanOrEqual(MINUTE);
  });

  it("end it with the token: at once when that is revoked, and when the variable is changed", async () => {
    const { personalTokens } = api.services;
    const made = await personalTokens.create({ name: "ada", role: "viewer", createdBy: "ben", expiresAt: null });
    const hers = await logIn(api, made.secret);
    expect(hers.body).toMatchObject({ role: "viewer", name: "ada" });
    await personalTokens.revoke(made.token.id);
    expect((await session(api, hers.cookie)).status).toBe(401);

    const { cookie } = await logIn(api, tokens.admin);
    const other = await openApi({ tokens: { ...tokens, admin: "another-token-0123" }, joins: true });
    expect((await session(other, cookie)).status).toBe(401);
    expect((await session(api, cookie)).status).toBe(200);
    await other.close();
  });
});

describe("a flood of logins", () => {
  it("is stopped after five in a minute, over all processes, for that address alone", async () => {
    const ports = () => ({ trustedProxies: ["127.0.0.1"] });
    const [one, two] = await Promise.all([1, 2].map(() => openApi({ tokens, joins: true, ports })));
    const from = (address: string) => ({ "x-forwarded-for": address });
    const statuses: number[] = [];
    for (const [index, to] of [one!, two!, one!, two!, one!].entries())
      statuses.push((await logIn(to, `guess-${index}`, from("192.0.2.1"))).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401]);
    for (const to of [one!, two!]) {
      const answer = await fetch(`${to.url}/login`, {
        method: "POST",
        headers: { "content-type": "application/json", ...from("192.0.2.1") },
        body: JSON.stringify({ token: tokens.admin }),
      });
      expect(answer.status).toBe(429);
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(50);
      expect(await answer.json()).toMatchObject({ detail: expect.stringMatching(/try again in \d+ s/) });
    }
    expect((await logIn(two!, tokens.admin, from("192.0.2.2"))).status).toBe(200);
    const neighbours = ["2001:db8:1:2::1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2:ffff::"];
    for (const address of [...neighbours, ...neighbours]) await logIn(one!, "guess", from(address));
    expect((await logIn(one!, tokens.admin, from("2001:db8:1:2::9"))).status).toBe(429);
    expect((await logIn(one!, tokens.admin, from("2001:db8:1:3::9"))).status).toBe(200);
    await Promise.all([one!.close(), two!.close()]);
  });

  it("believes an address only of a proxy that is trusted", async () => {
    const plain = await openApi({ tokens });
    for (let index = 0; index < 5; index += 1)
      expect((await logIn(plain, "guess", { "x-forwarded-for": `192.0.2.${index + 10}` })).status).toBe(401);
    expect((await logIn(plain, "guess", { "x-forwarded-for": "192.0.2.99" })).status).toBe(429);
    const { headers } = await plain.get("/login", behindTls);
    expect(headers.get("strict-transport-security")).toBeNull();
    await plain.close();
  });
});
