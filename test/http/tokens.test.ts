import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RedisProcess, startRedis } from "../support/redis-process.ts";
import { type Api, openApi, tokens } from "./api.ts";
import { bearer, logIn } from "./logging-in.ts";

let api: Api;
beforeAll(async () => {
  api = await openApi({ tokens });
});
afterAll(() => api.close());

interface Made extends Record<string, unknown> {
  id: string;
  secret: string;
}

const call = async (method: string, path: string, headers: Record<string, string>, body: object = {}) => {
  const init = { method, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
  const answer = await fetch(api.url + path, init);
  const text = await answer.text();
  return { status: answer.status, body: (text === "" ? {} : JSON.parse(text)) as Made };
};
const create = (order: object, headers: Record<string, string> = bearer(tokens.admin)) =>
  call("POST", "/api/tokens", headers, { by: "ben", ...order });
const revoke = (id: string) => call("DELETE", `/api/tokens/${id}`, bearer(tokens.admin), { by: "ben" });
const today = () => new Date().toISOString().slice(0, 10);

describe("a personal token", () => {
  it("is shown once, kept as its digest alone, and has its holder's name and role", async () => {
    const { status, body } = await create({ name: " ada ", role: "responder" });
    expect([status, body]).toEqual([
      201,
      {
        id: expect.stringMatching(/^tok-[0-9a-f]{12}$/),
        secret: expect.stringMatching(/^tqt_[\w-]{43}$/),
        ...{ name: "ada", role: "responder", createdAt: expect.stringMatching(/Z$/), createdBy: "ben" },
        ...{ expiresAt: null, isExpired: false, lastUsedOn: null },
      },
    ]);
    const { secret, id } = body;
    expect((await api.get("/api/session", bearer(secret))).body).toMatchObject({ role: "responder", name: "ada" });
    const listed = await api.get("/api/tokens", bearer(tokens.admin));
    const own = (listed.body.tokens as Made[]).find((token) => token.id === id);
    expect(own).toMatchObject({ name: "ada", lastUsedOn: today() });
    const { redis } = api.services;
    const kept = await Promise.all((await redis.keys("{tq:fleet}:token:*")).map((key) => redis.hgetall(key)));
    expect(JSON.stringify([listed.body, kept, await redis.keys("*"), api.lines])).not.toContain(secret);
  });

  it("opens nothing from the moment it is revoked, on any process", async () => {
    const other = await openApi({ tokens, joins: true });
    const { body } = await create({ name: "ada", role: "viewer" });
    expect((await other.get("/api/incidents", bearer(body.secret))).status).toBe(200);
    expect((await revoke(body.id)).status).toBe(204);
    const { status, body: said } = await other.get("/api/incidents", bearer(body.secret));
    expect([status, said.detail]).toEqual([401, expect.stringContaining("revoked")]);
    expect((await revoke(body.id)).status).toBe(404);
    await other.close();
  });

  it("opens nothing after it expired, nor does its login, and says so", async () => {
    const { redis, clock } = api.services;
    const expiresAt = new Date((await clock.now()) + 3_600_000).toISOString();
    const { body } = await create({ name: "ada", role: "viewer", expiresAt });
    const login = await logIn(api, body.secret);
    expect(login.status).toBe(200);
    expect(body.expiresAt).toBe(expiresAt);
    // As if the hour had passed.
    const past = (await clock.now()) - 1;
    const [key = ""] = await redis.keys(`{tq:fleet}:token:${body.id.slice("tok-".length)}*`);
    await redis.hset(key, "expiresAt", past);
    expect((await api.get("/api/session", bearer(body.secret))).status).toBe(401);
    expect((await api.get("/api/session", bearer(body.secret))).body.detail).toContain("has expired");
    expect((await api.get("/api/session", { cookie: login.cookie })).status).toBe(401);
    const { body: listed } = await api.get("/api/tokens", bearer(tokens.admin));
    expect((listed.tokens as Made[]).find(({ id }) => id === body.id)).toMatchObject({ isExpired: true });
  });

  it("is an admin's to make, list and revoke, and every mistake in it is named", async () => {
    for (const token of [tokens.viewer, tokens.responder]) {
      expect((await create({ name: "eve", role: "admin" }, bearer(token))).status).toBe(403);
      expect((await api.get("/api/tokens", bearer(token))).status).toBe(403);
      expect((await call("DELETE", "/api/tokens/tok-000000000000", bearer(token), { by: "eve" })).status).toBe(403);
    }
    const mistakes: [object, string[]][] = [
      [{ name: " ", role: "root" }, ["name", "role"]],
      [{ name: "ada", role: "viewer", expiresAt: "soon" }, ["expiresAt"]],
      [{ name: "ada", role: "viewer", expiresAt: "2020-01-01T00:00:00Z" }, ["expiresAt"]],
      [{ name: "ada", role: "viewer", by: "" }, ["by"]],
    ];
    for (const [order, fields] of mistakes) {
      const { status, body } = await create(order);
      expect([status, (body.errors as { field: string }[]).map(({ field }) => field)]).toEqual([422, fields]);
    }
  });

  it("is told once, also to whoever repeats the request", async () => {
    const headers = { ...bearer(tokens.admin), "idempotency-key": "one-token" };
    const first = await create({ name: "ada", role: "viewer" }, headers);
    const again = await create({ name: "ada", role: "viewer" }, headers);
    expect([again.status, again.body]).toEqual([201, { ...first.body, secret: null }]);
  });
});

describe("an order with a personal token", () => {
  it("is its holder's, whether the order says so or not; another name is refused in words", async () => {
    const { body } = await create({ name: "ada", role: "admin" });
    const order = (said: object) =>
      call("POST", "/api/tokens", bearer(body.secret), { name: "bot", role: "agent", ...said });
    expect((await order({})).body).toMatchObject({ createdBy: "ada" });
    expect((await order({ by: "ada" })).body).toMatchObject({ createdBy: "ada" });
    const { status, body: said } = await order({ by: "eve" });
    expect([status, said.errors]).toEqual([
      422,
      [{ field: "by", problem: expect.stringContaining("the token belongs to ada") }],
    ]);
    const unnamed = await call("POST", "/api/tokens", bearer(tokens.admin), { name: "bot", role: "agent" });
    expect([unnamed.status, unnamed.body.errors]).toEqual([422, [{ field: "by", problem: "must say who" }]]);
  });
});

describe("while Redis is away", () => {
  let redis: RedisProcess;
  let alone: Api;
  beforeAll(async () => {
    redis = await startRedis();
    alone = await openApi({ redisUrl: redis.url, tokens });
  });
  afterAll(async () => {
    await alone.close();
    await redis.stop();
  });

  it("nobody's token is called wrong: those of the environment open what needs no Redis, the others are 503, logins too", async () => {
    const made = await alone.services.personalTokens.create({
      ...{ name: "ada", role: "viewer", createdBy: "ben", expiresAt: null },
    });
    await redis.kill("SIGKILL");
    expect((await alone.get("/api/settings", bearer(tokens.viewer))).status).toBe(200);
    expect((await alone.get("/api/settings", bearer(made.secret))).status).toBe(503);
    expect((await alone.get("/api/settings", { cookie: `tourniquet=${"a".repeat(43)}` })).status).toBe(503);
    expect((await alone.get("/api/settings", bearer("wrong-token-0123"))).status).toBe(401);
    const statuses = [];
    for (let index = 0; index < 6; index += 1) statuses.push((await logIn(alone, tokens.admin)).status);
    expect(statuses).toEqual([503, 503, 503, 503, 503, 429]);
  });
});
