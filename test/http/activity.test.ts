import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { keys } from "../../src/redis/keys.ts";
import { until } from "../support/until.ts";
import { type Api, budgetEvent, nativeHeaders, openApi, standardHeaders } from "./api.ts";

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
beforeEach(async () => {
  await api.services.redis.flushdb();
  api.lines.length = 0;
});
afterAll(() => api.close());

const path = "/webhooks/agent-activity";
const send = (body: object | string, headers?: Record<string, string>) =>
  api.post(body, headers ? { path, headers } : { path });
const at = "2026-11-22T02:47:00.125Z";
const call = (tool_name: string, more: Record<string, unknown> = {}) => ({
  timestamp: at,
  agent_id: "agent-1",
  event_type: "tool_call",
  details: { tool_name, parameters: {} },
  ...more,
});
const fields = (answer: { body: Record<string, unknown> }) =>
  (answer.body.errors as { field: string }[]).map(({ field }) => field);

describe("one entry of telemetry", () => {
  it("is stored as received and queued before it is answered 202, as a webhook is", async () => {
    const raw = `${JSON.stringify(call("search"))} `;
    const { status, body } = await send(raw);
    expect([status, body]).toEqual([202, { eventId: expect.stringMatching(/^evt-0-[0-9a-f]+$/), status: "accepted" }]);
    const stored = await api.services.inbox.load(String(body.eventId));
    expect(stored).toMatchObject({ raw, type: "tool_call", agentId: "agent-1", source: "activity", disposition: null });
    expect(await api.services.queues.of("correlate", 0).getJob(String(body.eventId))).toBeTruthy();
  });

  it("goes straight to the freeze where it alone proves an exfiltration (D11)", async () => {
    const { body } = await send(
      call("http_request", { details: { tool: "http_request", params: { body: "x".repeat(10_001) } } }),
    );
    const stored = await api.services.inbox.load(String(body.eventId));
    expect(stored?.verdicts).toMatchObject([{ tier: "auto-contain", signal: { kind: "data-exfiltration" } }]);
    expect(await api.services.queues.of("freeze", 0).getJob(String(body.eventId))).toBeTruthy();
  });

  it.each([
    ["the gateway's words", { type: "tool_call", agent_id: "a", payload: { tool: "t" } }],
    ["Standard Webhooks' words", { type: "tool_call", data: { agent_id: "a", tool_name: "t", input: {} } }],
    ["flat", { event_type: "tool_call", agent_id: "a", name: "t", arguments: "{}" }],
    ["an error", { event_type: "error", agent_id: "a", details: { code: "timeout" } }],
    ["an authentication", { event_type: "auth", agent_id: "a", details: { ip: "10.0.0.1", user_agent: "sdk/1" } }],
  ])("is taken in %s", async (_, entry) => {
    const { status, body } = await send(entry);
    expect([status, body.status]).toEqual([202, "accepted"]);
    expect(await api.services.inbox.load(String(body.eventId))).toMatchObject({ agentId: "a", disposition: null });
  });

  it.each([
    ["an output", { event_type: "output", agent_id: "a", details: { text: "y".repeat(40_000) } }, "output"],
    ["a type nobody judges", { event_type: "thought", note: "z".repeat(40_000) }, "unknown-type"],
  ])("is stored, counted and triggers nothing: %s", async (_, entry, reason) => {
    const { status, body } = await send(entry);
    expect(status).toBe(202);
    expect(await api.services.inbox.load(String(body.eventId))).toMatchObject({ disposition: "ignored", reason });
    expect((await api.stored()).jobs).toBe(0);
  });
});

describe("a batch", () => {
  const batch = [call("search"), { event_type: "thought" }, call("search"), call("fetch", { id: "call-9" })];

  it.each([
    ["a list", batch],
    ["an object with events", { events: batch }],
  ])("as %s stores every entry, in its order", async (_, body) => {
    const answer = await send(body);
    expect([answer.status, answer.body]).toEqual([
      202,
      { accepted: 4, duplicates: 0, eventIds: expect.arrayContaining([expect.any(String)]) },
    ]);
    const ids = answer.body.eventIds as string[];
    const stored = await Promise.all(ids.map((id) => api.services.inbox.load(id)));
    expect(stored.map((event) => JSON.parse(event!.raw))).toEqual(batch);
    expect((await api.stored()).stats).toMatchObject({ accepted: 4, pending: 3, dispositions: { ignored: 1 } });
  });

  it("of a thousand entries fits, and one more does not", async () => {
    const many = Array.from({ length: 1_000 }, (_, id) => ({ type: "output", agent_id: "a", id }));
    // On a machine too busy for that many in the time of one request a sender is told 503, and comes again.
    await until(async () => (await send(many)).status === 202, "it to be stored");
    expect((await api.stored()).stats).toMatchObject({ accepted: 1_000 });
    const answer = await send([...many, { ...many[0], id: 1_000 }]);
    expect([answer.status, fields(answer)]).toEqual([422, ["events"]]);
  });

  it("that comes again says that it knows every entry, and has no second effect", async () => {
    const first = await send(batch.filter((entry) => "timestamp" in entry));
    const { jobs } = await api.stored();
    const again = await send(batch.filter((entry) => "timestamp" in entry));
    expect(again.body).toEqual({ accepted: 0, duplicates: 3, eventIds: first.body.eventIds });
    expect((await api.stored()).jobs).toBe(jobs);
  });
});

describe("what makes two deliveries of an entry the same", () => {
  const ids = async (body: object, headers?: Record<string, string>) => {
    const answer = await send(body, headers);
    return (answer.body.eventIds ?? [answer.body.eventId]) as string[];
  };
  const timeless = { event_type: "tool_call", agent_id: "agent-1", details: { tool_name: "search" } };

  it("is its own id with type, agent and time, wherever in a batch it comes and whatever else it says", async () => {
    const [alone] = await ids(call("search", { id: "c-1" }));
    expect(await ids([call("other"), call("fetch", { id: "c-1" })])).toContain(alone);
    expect(await ids(call("search", { event_id: "c-1" }))).toEqual([alone]);
    expect(await ids(call("search", { id: "c-1", agent_id: "agent-2" }))).not.toEqual([alone]);
    expect(await ids(call("search", { id: "c-1", timestamp: "2026-11-22T02:47:01Z" }))).not.toEqual([alone]);
  });

  it("is the delivery's signed id and the place in it, where the entry has no id", async () => {
    const raw = JSON.stringify([timeless, timeless]);
    const first = await ids([timeless, timeless], standardHeaders(raw, "msg_a"));
    expect(new Set(first).size).toBe(2);
    expect(await ids([timeless, timeless], standardHeaders(raw, "msg_a"))).toEqual(first);
    expect(await ids([timeless, timeless], standardHeaders(raw, "msg_b"))).not.toEqual(first);
  });

  it("is what it says with its time, and which of its equals it is, however batches are cut: the same call twice is two", async () => {
    const first = await ids([call("search"), call("search")]);
    expect(new Set(first).size).toBe(2);
    expect(await ids([call("search")])).toEqual([first[0]]);
    expect((await ids([call("fetch"), call("search"), call("search")])).slice(1)).toEqual(first);
    expect(await ids([call("fetch")])).not.toEqual([first[0]]);
  });

  it("tells entries that say the same apart by their place, however long the batch", async () => {
    expect(new Set(await ids(Array.from({ length: 250 }, () => call("search")))).size).toBe(250);
  });

  it("is nothing where the entry has neither id nor time: it counts every time", async () => {
    expect(await ids(timeless)).not.toEqual(await ids(timeless));
  });
});

describe("telemetry with mistakes", () => {
  it("is answered 422 with every mistake and its place, kept, and none of it is stored", async () => {
    const answer = await send({
      events: [
        call("search"),
        7,
        call("", { agent_id: undefined }),
        { event_type: "tool_call", agent_id: "no colons:", details: { tool: 3, body_bytes: -1 } },
        { event_type: "error", agent_id: "a", details: "boom" },
        { agent_id: "a" },
        { event_type: "auth", agent_id: "a", ip: 1 },
      ],
    });
    expect([answer.status, answer.body.type]).toEqual([422, "urn:tourniquet:problem:invalid-event"]);
    expect(fields(answer)).toEqual([
      "events[1]",
      "events[2].agent_id",
      "events[2].details.tool_name",
      "events[3].agent_id",
      "events[3].details.tool",
      "events[3].details.body_bytes",
      "events[4].details",
      "events[5].event_type",
      "events[6].ip",
    ]);
    const { stats, jobs } = await api.stored();
    expect([stats.accepted, stats.rejected, stats.quarantineSize, jobs]).toEqual([0, 1, 1, 0]);
    const kept = JSON.parse((await api.services.redis.lindex(keys.quarantine(0), 0)) ?? "{}");
    expect(kept.reason).toContain("events[3].details.tool");
    expect(JSON.parse(kept.body).events).toHaveLength(7);
  });

  it("of a single entry are named without a place", async () => {
    expect(fields(await send({ type: "tool_call", agent_id: "a", details: {} }))).toEqual(["details.tool_name"]);
    expect(fields(await send({ type: "tool_call", agent_id: "a" }))).toEqual(["tool_name"]);
  });

  it.each([
    ["an empty list", "[]", 422, ["events"]],
    ["no list", '{"events":7}', 422, ["events"]],
    ["no object", "7", 422, ["body"]],
    ["no JSON", "[", 400, ["body"]],
  ])("is answered as such: %s", async (_, body, status, expected) => {
    const answer = await send(body);
    expect([answer.status, fields(answer)]).toEqual([status, expected]);
  });

  it("a payer or a source names no agent: only agent_id does", async () => {
    const answer = await send({ type: "error", source: "sdk", payload: { payer: "agent-1", code: "x" } });
    expect([answer.status, fields(answer)]).toEqual([422, ["agent_id"]]);
  });
});

describe("the same rules as for every webhook", () => {
  const raw = JSON.stringify([call("search")]);
  it.each([
    [401, {}],
    [401, nativeHeaders(`${raw} `)],
    [401, standardHeaders(raw, "msg_1", undefined, 400)],
    [415, { ...nativeHeaders(raw), "content-type": "text/plain" }],
    [415, { ...nativeHeaders(raw), "content-encoding": "gzip" }],
  ])("answer %i to %j", async (status, headers) => {
    const answer = await send(raw, headers);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([status, "application/problem+json"]);
    expect((await api.stored()).stats).toMatchObject({ accepted: 0, rejected: 0 });
  });

  it("answer 413 over 64 KB, 405 to GET, and 202 to either scheme", async () => {
    expect((await send(" ".repeat(65_537))).status).toBe(413);
    expect((await api.get(path)).status).toBe(405);
    expect((await send(raw, standardHeaders(raw))).status).toBe(202);
    expect((await send(raw)).status).toBe(202);
  });

  it("answer 429 in a flood, which is counted over all of them", async () => {
    const strict = await openApi({ floodLimits: { perSecond: 1 } });
    try {
      const both = await Promise.all([
        strict.post(budgetEvent()),
        strict.post(raw, { path }),
        strict.post(raw, { path }),
      ]);
      expect(both.map(({ status }) => status)).toContain(429);
    } finally {
      await strict.close();
    }
  });
});

describe("when Redis fails in the middle of a batch", () => {
  it("is answered 503, and the repeat stores what is missing, nothing twice", async () => {
    const { inbox } = api.services;
    const accept = inbox.accept.bind(inbox);
    let left = 130;
    inbox.accept = (delivery) => (left-- > 0 ? accept(delivery) : Promise.reject(new Error("gone")));
    const batch = Array.from({ length: 200 }, (_, index) => call("search", { id: `c-${index}` }));
    const refused = await send(batch);
    inbox.accept = accept;
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "5"]);
    expect((await send(batch)).body).toMatchObject({ accepted: 70, duplicates: 130 });
    expect((await api.stored()).stats).toMatchObject({ accepted: 330, pending: 200 });
  });
});
