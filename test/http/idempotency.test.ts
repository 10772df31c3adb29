import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { TourniquetError } from "../../src/errors.ts";
import type { Change } from "../../src/incident/audit.ts";
import type { ClaimedOrder, IdempotencyKeys } from "../../src/incident/idempotency.ts";
import { createReplicas, watchEverywhere } from "../../src/redis/replicas.ts";
import { openRequest } from "../redis/open-request.ts";
import { nobodySawCaps } from "../redis/unseen-caps.ts";
import { type Api, openApi, tokens } from "./api.ts";

let api: Api;
let id: string;
beforeAll(async () => {
  api = await openApi({ tokens });
});
afterAll(() => api.close());
beforeEach(async () => {
  await api.services.redis.flushdb();
  id = (await api.services.incidents.open(openRequest())).incidentId;
  await nobodySawCaps(api.services, id);
});

interface More {
  by?: string;
  token?: string;
  caps?: boolean;
}
/** What every change has in common: shown by one that tells when it was done twice. */
const standDown = (key: string | undefined, more: More = {}) => standDownAt(api)(key, more);
const standDownAt =
  ({ url }: Api) =>
  async (key: string | undefined, more: More = {}) => {
    const { by = "ada", token = tokens.responder, caps = true } = more;
    const answer = await fetch(`${url}/api/incidents/${id}/stand-down`, {
      method: "POST",
      headers: {
        ...{ "content-type": "application/json", authorization: `Bearer ${token}` },
        ...(key !== undefined && { "idempotency-key": key }),
      },
      body: JSON.stringify({ by, reason: "planned", ...(caps && { caps: { daily: "500.00", monthly: "none" } }) }),
    });
    const body = (await answer.json()) as Record<string, unknown>;
    return {
      status: answer.status,
      kind: body.type,
      said: body.status,
      replayed: answer.headers.has("idempotency-replayed"),
    };
  };
/** How often it was begun, as the audit trail has it. */
const acts = async () =>
  (await api.services.audit.list(50)).filter(({ action }) => action === "standDownIncident").length;
const begun = { status: 202, kind: undefined, said: "begun", replayed: false };

describe("a change with an Idempotency-Key", () => {
  it("sent again is done once, and answered as the first time", async () => {
    const key = randomUUID();
    expect(await standDown(key)).toEqual(begun);
    expect(await standDown(key)).toEqual({ ...begun, replayed: true });
    expect(await acts()).toBe(1);
    // Without it the second is an order of its own.
    expect(await standDown(undefined)).toEqual({ ...begun, said: "running" });
    expect(await acts()).toBe(2);
  });

  it("of which many arrive at the same moment at two processes is done once; who comes while it is in hand is told so", async () => {
    const key = randomUUID();
    const other = await openApi({ tokens, joins: true });
    const at = [standDownAt(api), standDownAt(other)] as const;
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => at[index % 2]!(key)));
    await other.close();
    expect(answers.filter(({ status, replayed }) => status === 202 && !replayed)).toEqual([begun]);
    for (const { status, kind, replayed } of answers)
      expect(replayed || status === 202 ? "done" : [status, kind]).toEqual(
        replayed || status === 202 ? "done" : [409, "urn:tourniquet:problem:in-hand"],
      );
    expect(await acts()).toBe(1);
  });

  it("that came to nothing may be tried again with the same key", async () => {
    const key = randomUUID();
    expect(await standDown(key, { caps: false })).toMatchObject({
      status: 409,
      kind: "urn:tourniquet:problem:conflict",
    });
    expect(await standDown(key)).toEqual(begun);
  });

  it("is refused where the key stands for another order, and free for another caller", async () => {
    const key = randomUUID();
    expect(await standDown(key)).toEqual(begun);
    const reused = { status: 422, kind: "urn:tourniquet:problem:idempotency-key-reused" };
    expect(await standDown(key, { by: "grace" })).toMatchObject(reused);
    expect(await standDown(key, { by: "grace", token: tokens.admin })).toMatchObject({ status: 202, said: "running" });
    expect(await acts()).toBe(2);
  });

  it.each(["", " ", "a b", "k".repeat(256)])("is refused for what is no key: %j", async (key) => {
    expect(await standDown(key)).toMatchObject({ status: 422, kind: "urn:tourniquet:problem:invalid" });
    expect(await acts()).toBe(0);
    expect(await standDown("k".repeat(255))).toEqual(begun);
  });
});

describe("a change with an Idempotency-Key that was cut off", () => {
  const MINUTE = 60_000;
  const unknown = { status: 409, kind: "urn:tourniquet:problem:outcome-unknown", replayed: false };
  /** As if the request had begun so much earlier. */
  async function age(ms: number) {
    const [key, ...others] = await api.services.redis.keys("*idempotency*");
    expect(others).toEqual([]);
    await api.services.redis.pexpire(key!, (await api.services.redis.pttl(key!)) - ms);
  }
  /** Another process of the same API in which this one thing fails, once. */
  async function failing(ports: (services: Api["services"]) => object, key: string) {
    const here = api;
    const other = await openApi({ tokens, joins: true, ports });
    api = other;
    const answer = await standDown(key).finally(() => {
      api = here;
    });
    await other.close();
    return answer;
  }
  const away = () => Promise.reject(new TourniquetError("redis-unavailable", "Redis is away"));
  const where = (part: Partial<ClaimedOrder>) => whereOf(() => part);
  const whereOf = (partOf: (order: ClaimedOrder) => Partial<ClaimedOrder>) => (services: Api["services"]) => ({
    idempotencyKeys: {
      async claim(...asked: Parameters<IdempotencyKeys["claim"]>) {
        const claimed = await services.idempotencyKeys.claim(...asked);
        return claimed.answer === "go"
          ? { ...claimed, order: { ...claimed.order, ...partOf(claimed.order) } }
          : claimed;
      },
    },
  });

  it("after it was done is in hand for a minute, and then never done again, for a day", async () => {
    const key = randomUUID();
    expect(await failing(where({ keep: away }), key)).toEqual(begun);
    await age(MINUTE - 5_000);
    expect(await standDown(key)).toMatchObject({ status: 409, kind: "urn:tourniquet:problem:in-hand" });
    await age(5_001);
    expect(await standDown(key)).toMatchObject(unknown);
    await age(23 * 60 * MINUTE);
    expect(await standDown(key)).toMatchObject(unknown);
    expect(await acts()).toBe(1);
    expect(await standDown(randomUUID())).toEqual({ ...begun, said: "running" });
  });

  it("in its midst is not done again either: the audit trail has it as failed", async () => {
    const key = randomUUID();
    const cut = (services: Api["services"]) => ({ dispatch: { ...services.dispatch, add: away } });
    expect(await failing(cut, key)).toMatchObject({ status: 503, kind: "urn:tourniquet:problem:storage-unavailable" });
    expect(await standDown(key)).toMatchObject(unknown);
    const [change, ...others] = await api.services.audit.list(10);
    expect([change!.outcome, others]).toMatchObject([{ result: "failed", detail: "redis-unavailable" }, []]);
  });

  it("before it was begun may be tried again with the same key", async () => {
    const key = randomUUID();
    const unrecorded = (services: Api["services"]) => ({ audit: { ...services.audit, begin: away } });
    expect(await failing(unrecorded, key)).toMatchObject({ status: 503 });
    expect(await standDown(key)).toEqual(begun);
    expect(await acts()).toBe(1);
  });

  it("by an answer that was lost while it was begun may be tried again too: it was not done", async () => {
    const key = randomUUID();
    const lost = whereOf((order) => ({ begin: () => order.begin().then(away) }));
    expect(await failing(lost, key)).toMatchObject({ status: 503 });
    expect(await standDown(key)).toEqual(begun);
  });

  it("by a process that died before it was begun is in hand for ten seconds, and then free", async () => {
    const key = randomUUID();
    expect(await failing(where({ begin: away, release: away }), key)).toMatchObject({ status: 503 });
    expect(await standDown(key)).toMatchObject({ status: 409, kind: "urn:tourniquet:problem:in-hand" });
    await age(10_000);
    expect(await standDown(key)).toEqual(begun);
  });

  it("and was claimed so long ago that another process has it is left to that one, and nothing is done twice", async () => {
    const key = randomUUID();
    const slow = (services: Api["services"]) => ({
      audit: {
        ...services.audit,
        async begin(change: Change) {
          const number = await services.audit.begin(change);
          await age(10_000);
          expect(await elsewhere(key)).toEqual(begun);
          return number;
        },
      },
    });
    const elsewhere = standDownAt(api);
    expect(await failing(slow, key)).toMatchObject({ status: 409, kind: "urn:tourniquet:problem:in-hand" });
    const outcomes = (await api.services.audit.list(10)).map(({ outcome }) => outcome);
    expect(outcomes).toMatchObject([
      { result: "ok", detail: "202" },
      { result: "refused", detail: "in-hand" },
    ]);
    expect(await standDown(key)).toEqual({ ...begun, replayed: true });
  });
});

describe("a change that no replica is known to have", () => {
  it("is made all the same, and says so; with replicas enough, or none asked for, nothing is said", async () => {
    const path = `/api/incidents/${id}/acknowledge`;
    const headers = { "content-type": "application/json", authorization: `Bearer ${tokens.responder}` };
    const acknowledge = (one: Api) => one.post(JSON.stringify({ by: "ada" }), { path, headers });
    expect((await acknowledge(api)).headers.has("replicated")).toBe(false);
    const lone = await openApi({
      ...{ tokens, joins: true },
      ports: ({ redis }) => {
        const replicas = createReplicas(redis, 1);
        return { replication: { watch: () => watchEverywhere(replicas, redis, 1) } };
      },
    });
    const asked = vi.spyOn(lone.services.redis as Redis, "wait");
    const waited = () => asked.mock.calls.splice(0).map(([, ms]) => ms);
    const first = await acknowledge(lone);
    expect([first.status, first.headers.get("replicated"), waited()]).toEqual([200, "false", [500]]);
    // Nobody waits again for what was waited for in vain a moment ago.
    expect([(await acknowledge(lone)).headers.get("replicated"), waited()]).toEqual(["false", []]);
    await lone.close();
  });
});
