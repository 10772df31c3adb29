import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openRequest } from "../redis/open-request.ts";
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
});

/** What every change has in common: shown by one that tells when it was done twice. */
async function standDown(key: string | undefined, more: { by?: string; token?: string; caps?: boolean } = {}) {
  const { by = "ada", token = tokens.responder, caps = true } = more;
  const answer = await fetch(`${api.url}/api/incidents/${id}/stand-down`, {
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
}
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

  it("of which many arrive at the same moment is done once; who comes while it is in hand is told so", async () => {
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 20 }, () => standDown(key)));
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
