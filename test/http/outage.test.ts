import type { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RedisProcess, startRedis } from "../support/redis-process.ts";
import { until } from "../support/until.ts";
import { type Api, budgetEvent, openApi, tokens } from "./api.ts";

let redis: RedisProcess;
let api: Api;
let sent = 0;
const next = () => budgetEvent(97, { id: ++sent });

beforeAll(async () => {
  redis = await startRedis();
  api = await openApi({ redisUrl: redis.url, tokens });
});
afterAll(async () => {
  await api.close();
  await redis.stop();
});

/** Redis is back and the API's connection with it. */
const recovered = () => until(async () => (await api.get("/readyz")).status === 200, "the API to be ready again");

/** Also while Redis stays as it is: nobody waits for it longer than one command may take. */
async function refused() {
  const answers = await Promise.all([api.post(next()), api.post(next()), api.post("{")]);
  for (const { status, headers, body } of answers) {
    expect([status, headers.get("retry-after"), body.type]).toEqual([
      503,
      "5",
      "urn:tourniquet:problem:storage-unavailable",
    ]);
  }
}

describe("while Redis is frozen", () => {
  it("answers 503 within 2 s, never 202, and takes the repeat when Redis is back, once", async () => {
    const { commandTimeout, maxRetriesPerRequest, enableOfflineQueue } = (api.services.redis as Redis).options;
    expect(commandTimeout).toBeLessThan(2_000);
    expect({ maxRetriesPerRequest, enableOfflineQueue }).toEqual({
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
    });
    await redis.kill("SIGSTOP");
    const event = next();
    const [first] = await Promise.all([api.post(event), refused()]);
    expect(first.status).toBe(503);
    expect((await api.get("/healthz")).status).toBe(200);
    expect((await api.get("/readyz")).body).toMatchObject({
      status: 503,
      errors: expect.arrayContaining([expect.objectContaining({ field: "redis" })]),
    });
    await redis.kill("SIGCONT");
    await recovered();
    const repeated = await api.post(event);
    expect(repeated.status).toBe(202);
    const [freeze] = [await api.services.queues.of("freeze", 0).getJob(String(repeated.body.eventId))];
    expect(freeze?.data).toMatchObject({ agentId: "agent-1" });
  });
});

describe("a change with an Idempotency-Key that a frozen Redis did not let begin", () => {
  const order = { owner: "ada", reason: "load test", until: new Date(Date.now() + 3_600_000).toISOString() };
  const silence = (key: string) =>
    api.post(order, {
      path: "/api/silences",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${tokens.responder}`,
        "idempotency-key": key,
      },
    });

  it("may be tried again at once when Redis is back, although it took up the claim late", async () => {
    // Before the freeze Redis has not got our scripts: a Redis does not keep them over a restart, and learns them by use.
    expect((await silence("learnt")).status).toBe(201);
    await redis.kill("SIGSTOP");
    expect((await silence("frozen")).status).toBe(503);
    await redis.kill("SIGCONT");
    await recovered();
    const again = await silence("frozen");
    expect([again.status, again.headers.get("idempotency-replayed")]).toEqual([201, null]);
    expect((await silence("frozen")).headers.get("idempotency-replayed")).toBe("true");
    expect(await api.services.silences.list([])).toHaveLength(2);
  });
});

describe("when Redis is killed with -9", () => {
  it("answers 503 at once, and everything it had answered 202 to is there afterwards", async () => {
    const accepted = await Promise.all(Array.from({ length: 20 }, () => api.post(next())));
    expect(accepted.map(({ status }) => status)).toEqual(accepted.map(() => 202));
    await redis.kill("SIGKILL");
    await refused();
    expect((await api.get("/metrics")).text).toContain("tourniquet_redis_up 0");
    await redis.restart();
    await recovered();
    for (const { body } of accepted)
      expect(await api.services.inbox.load(String(body.eventId))).toMatchObject({ disposition: null });
    const { stats } = await api.stored();
    expect(stats.accepted).toBe(
      stats.pending + Object.values(stats.dispositions).reduce((sum, count) => sum + count, 0),
    );
  });
});

describe("when Redis is full", () => {
  it("answers 503, stores nothing and says why it is not ready", async () => {
    const before = await api.stored();
    await api.services.redis.config("SET", "maxmemory", "1");
    await refused();
    // One look answers everybody for a second (http/lately.ts).
    await until(async () => (await api.get("/readyz")).status === 503, "the API to say that it is not ready");
    await api.services.redis.config("SET", "maxmemory", "0");
    expect(await api.stored()).toEqual(before);
    expect((await api.post(next())).status).toBe(202);
  });
});
