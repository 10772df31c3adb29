import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { keys } from "../../src/redis/keys.ts";
import { type Api, budgetEvent, nativeHeaders, openApi, SECRET, standardHeaders } from "./api.ts";

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
beforeEach(async () => {
  await api.services.redis.flushdb();
  api.lines.length = 0;
});
afterAll(() => api.close());

const raw = JSON.stringify(budgetEvent());
const good = standardHeaders(raw);
const stale = (ageSec: number) => standardHeaders(raw, "msg_1", SECRET, ageSec);
/** `x` in the middle replaced: same length, other bytes. */
const bent = (text: string) => text.slice(0, 20) + (text[20] === "A" ? "B" : "A") + text.slice(21);

describe("a webhook that does not prove its sender", () => {
  it.each([
    ["no signature", {}],
    ["a signature of other bytes", nativeHeaders(`${raw} `)],
    ["a signature with another secret", nativeHeaders(raw, "another-secret-altogether")],
    ["a signature in capital hex", { "x-a2a-signature": nativeHeaders(raw)["x-a2a-signature"]!.toUpperCase() }],
    ["a prefix before the signature", { "x-a2a-signature": `sha256=${nativeHeaders(raw)["x-a2a-signature"]}` }],
    ["half a signature", { "x-a2a-signature": nativeHeaders(raw)["x-a2a-signature"]!.slice(0, 32) }],
    ["a signed id that was changed", { ...good, "webhook-id": "msg_2" }],
    ["a signed time that was changed", { ...good, "webhook-timestamp": String(Number(good["webhook-timestamp"]) + 1) }],
    ["a bent standard signature", { ...good, "webhook-signature": bent(good["webhook-signature"]!) }],
    [
      "a standard signature without its id",
      { "webhook-timestamp": good["webhook-timestamp"]!, "webhook-signature": good["webhook-signature"]! },
    ],
    ["a dot in the id", standardHeaders(raw, "msg.1")],
    ["a signature that is too old", stale(400)],
    ["a signature from the future", stale(-400)],
    ["an old standard signature beside a good native one", { ...stale(400), ...nativeHeaders(raw) }],
  ])("is answered 401 and leaves nothing: %s", async (_, headers) => {
    const before = await api.stored();
    const { status, body, headers: answered } = await api.post(raw, { headers });
    expect(status).toBe(401);
    expect(answered.get("content-type")).toBe("application/problem+json");
    expect(body).toEqual({
      type: "urn:tourniquet:problem:unauthentic",
      title: "Unauthorized",
      status: 401,
      detail: expect.any(String),
      instance: "/webhooks/greenhelix",
    });
    expect(await api.stored()).toEqual(before);
  });

  it("is told the same for every reason", async () => {
    const answers = await Promise.all(
      [{}, nativeHeaders(`${raw} `), stale(400)].map((headers) => api.post(raw, { headers })),
    );
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });

  it("is refused before its body is read as JSON: garbage is 401, not 400, and not quarantined", async () => {
    expect((await api.post("{", { headers: {} })).status).toBe(401);
    expect((await api.stored()).stats).toMatchObject({ rejected: 0, quarantineSize: 0 });
  });
});

describe("a webhook in a form we do not take", () => {
  const signed = nativeHeaders(raw);
  it.each([
    [415, "unsupported-media-type", raw, { ...signed, "content-type": "text/plain" }],
    [415, "unsupported-media-type", raw, { ...signed, "content-type": "application/json; charset=utf-16" }],
    [415, "unsupported-media-type", raw, { ...signed, "content-type": "application/x-www-form-urlencoded" }],
    [415, "unsupported-encoding", gzipSync(raw), { ...nativeHeaders(gzipSync(raw)), "content-encoding": "gzip" }],
    [415, "unsupported-encoding", raw, { ...signed, "content-encoding": "br" }],
    [413, "too-large", " ".repeat(65_537), nativeHeaders(" ".repeat(65_537))],
    [413, "too-large", " ".repeat(900_000), {}],
  ])("is answered %i %s and leaves nothing", async (status, kind, body, headers) => {
    const before = await api.stored();
    const answer = await api.post(body, { headers });
    expect([answer.status, answer.body.type]).toEqual([status, `urn:tourniquet:problem:${kind}`]);
    expect(await api.stored()).toEqual(before);
  });

  it("takes charset utf-8 and exactly 64 KB", async () => {
    const padded = raw + " ".repeat(65_536 - raw.length);
    const headers = { ...nativeHeaders(padded), "content-type": 'Application/JSON; charset="UTF-8"' };
    expect((await api.post(padded, { headers })).status).toBe(202);
  });

  it("counts a body that does not say its length", async () => {
    const chunks = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 5; i++) controller.enqueue(Buffer.alloc(16_384, 32));
        controller.close();
      },
    });
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: chunks, duplex: "half" };
    expect((await fetch(`${api.url}/webhooks/greenhelix`, init as RequestInit)).status).toBe(413);
  });
});

describe("an authentic webhook that is no event", () => {
  it.each([
    [400, "malformed", "{", ["body"]],
    [400, "malformed", Buffer.from([0x22, 0xff, 0x22]), ["body"]],
    [422, "invalid-event", "[]", ["body"]],
    [422, "invalid-event", "{}", ["event_type"]],
    [422, "invalid-event", '{"event_type":"budget_exceeded"}', ["agent_id"]],
    [422, "invalid-event", JSON.stringify(budgetEvent(-1)), ["payload.utilization_pct"]],
    [
      422,
      "invalid-event",
      '{"event_type":"escrow_state_change","payload":{"amount":9007199254740993}}',
      ["agent_id", "payload.amount", "payload.escrow_id", "payload.status"],
    ],
    [422, "invalid-event", `{"type":"x","deep":${"[".repeat(30_000)}${"]".repeat(30_000)}}`, ["body"]],
  ])("is answered %i %s, kept in quarantine and announced", async (status, kind, body, fields) => {
    const answer = await api.post(body);
    expect([answer.status, answer.body.type]).toEqual([status, `urn:tourniquet:problem:${kind}`]);
    const errors = answer.body.errors as { field: string; problem: string }[];
    expect(errors.map(({ field }) => field).sort()).toEqual(fields);
    const { stats, jobs } = await api.stored();
    expect(stats).toMatchObject({ accepted: 0, pending: 0, rejected: 1, quarantineSize: 1 });
    expect(jobs).toBe(0);
    const kept = JSON.parse((await api.services.redis.lindex(keys.quarantine(0), 0)) ?? "{}");
    expect(kept).toMatchObject({ status, reason: expect.stringContaining(fields[0]!) });
    expect(kept.body.length).toBeLessThanOrEqual(8_192);
  });
});

describe("whatever bytes come, signed or not", () => {
  it("is answered 202 or 4xx and the server lives on", async () => {
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value))),
      fc
        .record({
          event_type: fc.constantFrom("budget_threshold", "escrow_state_change", "test.ping", "?"),
          agent_id: fc.jsonValue(),
          payload: fc.jsonValue(),
        })
        .map((value) => Buffer.from(JSON.stringify(value))),
    );
    const header = fc.constantFrom(
      "x-a2a-signature",
      "webhook-id",
      "webhook-timestamp",
      "webhook-signature",
      "content-encoding",
    );
    const headers = fc.dictionary(header, fc.stringMatching(/^[\x21-\x7e]{0,80}$/), { maxKeys: 2 });
    await fc.assert(
      fc.asyncProperty(body, fc.boolean(), headers, async (bytes, isSigned, odd) => {
        const answer = await api.post(bytes, { headers: isSigned ? { ...nativeHeaders(bytes) } : odd });
        expect(isSigned ? [202, 400, 422] : [401, 415]).toContain(answer.status);
      }),
      { numRuns: 150 },
    );
    expect((await api.get("/healthz")).status).toBe(200);
    const { stats } = await api.stored();
    const disposed = Object.values(stats.dispositions).reduce((sum, count) => sum + count, 0);
    expect(stats.accepted).toBe(disposed + stats.pending);
  });
});

describe("what is no HTTP request of ours", () => {
  it.each([
    ["431", `POST /webhooks/greenhelix HTTP/1.1\r\nhost: x\r\nx-large: ${"a".repeat(9_000)}\r\n\r\n`],
    ["400", "GIBBERISH\r\n\r\n"],
    ["400", "POST /webhooks/greenhelix HTTP/1.1\r\nhost: x\r\ncontent-length: -5\r\n\r\n"],
  ])("is answered %s as a problem", async (status, bytes) => {
    const text = await exchange(bytes);
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(text).toContain("application/problem+json");
    expect(JSON.parse(text.split("\r\n\r\n")[1] ?? "")).toMatchObject({ status: Number(status) });
  });

  it("is answered 413 on the length it declares, before it sends any of it", async () => {
    const head = "POST /webhooks/greenhelix HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    expect(await exchange(`${head}content-length: 10000000000\r\n\r\n`, "413")).toMatch(/^HTTP\/1.1 413 /);
  });

  it("is told 405 with what the address takes, or 404", async () => {
    const get = await api.get("/webhooks/greenhelix");
    expect([get.status, get.headers.get("allow")]).toEqual([405, "POST"]);
    expect((await api.post("{}", { path: "/webhooks/unknown" })).body).toMatchObject({
      status: 404,
      instance: "/webhooks/unknown",
    });
  });
});

/** until: hang up when the answer holds this, instead of waiting for the other side to. */
function exchange(bytes: string, until?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(api.url).port), "127.0.0.1", () => socket.write(bytes));
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk;
      if (until !== undefined && text.includes(until)) socket.destroy();
    });
    socket.on("close", () => resolve(text));
    socket.on("error", reject);
  });
}
