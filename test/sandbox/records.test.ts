import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { openSandbox, placeAgent, tail } from "./open-sandbox.ts";

const identity = "/v1/identity/agents/buyer";

describe("an agent that registers another public key", () => {
  it("replaces the old key and keeps created_at", async () => {
    let nowMs = 1_790_000_000_000;
    const sandbox = await openSandbox({ now: () => nowMs });
    await placeAgent(sandbox, { publicKey: "aa".repeat(32) });
    const before = (await sandbox.agent("seller")("GET", identity)).body;
    nowMs += 60_000;
    const rotated = await sandbox.agent("buyer")("POST", "/v1/identity/agents", {
      agent_id: "buyer",
      public_key: "bb".repeat(32),
    });
    expect(rotated.status).toBe(201);
    const after = (await sandbox.agent("seller")("GET", identity)).body;
    expect(after).toEqual({ ...before, public_key: "bb".repeat(32) });
    expect((await sandbox.control("GET", "/effects?effect=identity.rotated")).body.effects).toHaveLength(1);
  });
});

describe("verify", () => {
  it("checks an Ed25519 signature and says false, not why, to anything else", async () => {
    const sandbox = await openSandbox();
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    await placeAgent(sandbox, {
      publicKey: publicKey.export({ format: "der", type: "spki" }).subarray(-32).toString("hex"),
    });
    const signature = sign(null, Buffer.from("hello"), privateKey).toString("hex");
    const verify = (body: object) => sandbox.agent("seller")("POST", `${identity}/verify`, body);
    expect((await verify({ message: "hello", signature })).body).toEqual({ valid: true });
    expect((await verify({ message: "hullo", signature })).body).toEqual({ valid: false });
    expect((await verify({ message: "hello", signature: "zz" })).body).toEqual({ valid: false });
    expect((await verify({})).status).toBe(422);
  });
});

describe("a reputation", () => {
  it("is zeros until a scenario sets it", async () => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox);
    const read = async () => (await sandbox.agent("seller")("GET", `${identity}/reputation`)).body;
    expect(await read()).toMatchObject({ composite_score: 0, confidence: 0, found: true });
    await sandbox.control("PUT", "/agents/buyer/reputation", { score: 0.85 });
    expect(await read()).toMatchObject({ composite_score: 85, confidence: 1 });
    expect(tail(await sandbox.agent("seller")("GET", "/v1/identity/agents/nobody/reputation"))).toBe("not-found");
  });
});

describe("metrics and claims", () => {
  it("take only known names, only about oneself, and show no time", async () => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox);
    const submit = (token: string, metrics: object) => sandbox.agent(token)("POST", `${identity}/metrics`, { metrics });
    expect(tail(await submit("buyer", { incident_recovery: 1 }))).toBe("invalid-metric");
    expect((await submit("seller", { aum: 1 })).status).toBe(403);
    expect((await submit("buyer", { aum: 5 })).body).toMatchObject({ agent_id: "buyer", data_source: "self_reported" });
    const { claims } = (await sandbox.agent("seller")("GET", `${identity}/claims`)).body;
    expect(claims).toEqual([
      { agent_id: "buyer", metric_name: "aum", claim_type: "gte", bound_value: 5, valid_until: expect.any(Number) },
    ]);
  });

  it("lapse after seven days", async () => {
    let nowMs = 1_790_000_000_000;
    const sandbox = await openSandbox({ now: () => nowMs });
    await placeAgent(sandbox);
    await sandbox.agent("buyer")("POST", `${identity}/metrics`, { metrics: { aum: 5 } });
    nowMs += 7 * 86_400_000;
    expect((await sandbox.agent("buyer")("GET", `${identity}/claims`)).body.claims).toEqual([]);
  });

  it("make a chain only when asked to, with its leaves as JSON in a string", async () => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox);
    const buyer = sandbox.agent("buyer");
    expect((await buyer("GET", `${identity}/claim-chains`)).body).toEqual({ chains: [] });
    await buyer("POST", `${identity}/metrics`, { metrics: { aum: 5 } });
    await buyer("POST", `${identity}/claim-chains`);
    const [chain] = (await buyer("GET", `${identity}/claim-chains`)).body.chains;
    expect(JSON.parse(chain.leaf_hashes)).toHaveLength(1);
    expect(chain.period_start).toBeTypeOf("number");
  });
});

describe("the books of an agent", () => {
  it("tell what happened by prefix, newest first, fee after effect", async () => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox);
    const buyer = sandbox.agent("buyer");
    const { id } = (await buyer("POST", "/v1/payments/escrows", { payer: "buyer", payee: "seller", amount: "150" }))
      .body;
    await buyer("POST", `/v1/payments/escrows/${id}/cancel`);
    const { transactions } = (await buyer("GET", "/v1/billing/wallets/buyer/transactions")).body;
    expect(transactions.map((row: Record<string, unknown>) => [row.tx_type, row.amount, row.description])).toEqual([
      ["deposit", "150.00", `escrow_refund:${id}`],
      ["charge", "-2.25", "gateway:create_escrow"],
      ["withdrawal", "-150.00", "escrow_hold:buyer->seller"],
    ]);
    const { history } = (await buyer("GET", "/v1/payments/history?agent_id=buyer")).body;
    expect(history).toEqual([expect.objectContaining({ type: "escrow", id, status: "refunded", amount: "150.00" })]);
  });

  it("show total cost as a number, and the timeseries' cost in 1e-8 units dressed as money", async () => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox);
    const buyer = sandbox.agent("buyer");
    await buyer("POST", "/v1/payments/escrows", { payer: "buyer", payee: "seller", amount: "150" });
    expect((await buyer("GET", "/v1/billing/wallets/buyer/usage")).body).toEqual({
      total_calls: 1,
      total_cost: 2.25,
      total_tokens: 0,
    });
    const { buckets } = (await buyer("GET", "/v1/billing/wallets/buyer/timeseries?interval=hour")).body;
    expect(buckets).toEqual([{ timestamp: expect.stringMatching(/\+00:00$/), calls: 2, cost: "225000000.00" }]);
  });
});

describe("the event bus", () => {
  it("numbers events, lets anybody read them from an id on, and hashes what was published", async () => {
    const sandbox = await openSandbox();
    const publish = (payload: object) =>
      sandbox.agent("forger")("POST", "/v1/infra/events", { event_type: "x.y", source: "somebody else", payload });
    expect((await publish({ b: 1, a: "é" })).body).toEqual({ event_id: 1 });
    expect((await publish({})).body).toEqual({ event_id: 2 });
    const read = async (query: string) =>
      (await sandbox.agent("reader")("GET", `/v1/infra/events?${query}`)).body.events;
    expect((await read("since_id=1")).map((row: { id: number }) => row.id)).toEqual([2]);
    expect(await read("event_type=other")).toEqual([]);
    const [row] = await read("limit=1");
    const hashed = `x.ysomebody else{"a": "\\u00e9", "b": 1}${row.created_at}`;
    expect(row.integrity_hash).toBe(createHash("sha3-256").update(hashed).digest("hex"));
    expect(row.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
  });

  it("forgets after 24 hours without giving an id out again", async () => {
    let nowMs = 1_790_000_000_000;
    const sandbox = await openSandbox({ now: () => nowMs });
    const publish = () => sandbox.agent("a")("POST", "/v1/infra/events", { event_type: "x", source: "a" });
    await publish();
    nowMs += 24 * 3_600_000 + 1;
    expect((await sandbox.agent("a")("GET", "/v1/infra/events")).body.events).toEqual([]);
    expect((await publish()).body.event_id).toBe(2);
  });

  it("refuses an agent_id beside the source", async () => {
    const sandbox = await openSandbox();
    const refused = await sandbox.agent("a")("POST", "/v1/infra/events", {
      event_type: "x",
      source: "a",
      agent_id: "a",
    });
    expect(refused.status).toBe(422);
  });

  it("is also a stream that starts after Last-Event-ID", async () => {
    const sandbox = await openSandbox();
    for (const source of ["a", "b"]) await sandbox.agent("a")("POST", "/v1/infra/events", { event_type: "x", source });
    const stop = new AbortController();
    const headers = { authorization: "Bearer sandbox-agent-a", "last-event-id": "1" };
    const stream = await fetch(`${sandbox.url}/v1/events/stream?since_id=0`, { headers, signal: stop.signal });
    const { value } = await stream.body!.getReader().read();
    stop.abort();
    expect(Buffer.from(value!).toString()).toMatch(/^id: 2\ndata: \{"id":2,.*"source":"b".*\}\n\n$/);
  });
});

describe("a rating", () => {
  it("belongs to a service and a caller, and the second replaces the first", async () => {
    const sandbox = await openSandbox();
    const path = "/v1/marketplace/services/srv/ratings";
    expect(tail(await sandbox.agent("a")("POST", path, { rating: 6 }))).toBe("validation-error");
    for (const rating of [1, 3]) await sandbox.agent("a")("POST", path, { rating, review: "r" });
    expect((await sandbox.agent("b")("GET", path)).body).toMatchObject({ average_rating: "3.00", count: 1 });
  });
});

describe("the admin routes", () => {
  it("issue keys in the gateway's own spelling, which then act with their scopes", async () => {
    const sandbox = await openSandbox({ openKeys: false });
    await placeAgent(sandbox);
    const issued = (await sandbox.control("POST", "/keys", { agentId: "buyer", scopes: ["read"] })).body;
    expect(issued.key).toMatch(/^a2a_pro_[0-9a-f]{24}$/);
    expect((await sandbox.as(issued.key)("GET", "/v1/billing/wallets/buyer/budget")).status).toBe(200);
    expect(tail(await sandbox.as(issued.key)("PUT", "/v1/billing/wallets/buyer/budget", {}))).toBe("scope-violation");
    expect((await sandbox.agent("buyer")("GET", "/v1/billing/wallets/buyer/budget")).status).toBe(401);
  });

  it("put everything back to how it was started", async () => {
    const sandbox = await openSandbox({ forms: "rest" });
    await placeAgent(sandbox, {}, 3);
    await sandbox.control("PUT", "/forms", { forms: "both" });
    await sandbox.control("POST", "/faults", { kind: "429" });
    await sandbox.control("POST", "/reset");
    const state = (await sandbox.control("GET", "/state")).body;
    expect(state).toMatchObject({ agents: [], escrows: { held: 0 }, settings: { forms: "rest" } });
    expect((await sandbox.control("GET", "/faults")).body.faults).toEqual([]);
    expect((await sandbox.control("GET", "/effects")).body.effects).toEqual([]);
  });

  it("name what is wrong with a body", async () => {
    const sandbox = await openSandbox();
    expect((await sandbox.control("POST", "/faults", { kind: "earthquake" })).status).toBe(422);
    expect((await sandbox.control("POST", "/agents", { agentId: "a", balance: "much" })).status).toBe(422);
  });
});
