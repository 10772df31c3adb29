import { describe, expect, it } from "vitest";
import { openSandbox, placeAgent, tail } from "./open-sandbox.ts";

const budget = "/v1/billing/wallets/buyer/budget";

describe("a request the pipeline refuses", () => {
  it("is a problem document whose only code is the tail of its type", async () => {
    const sandbox = await openSandbox();
    const refused = await sandbox.agent("buyer")("GET", "/v1/billing/wallets/buyer/balance");
    expect(refused.headers.get("content-type")).toBe("application/problem+json");
    expect(refused.body).toEqual({
      type: "https://api.greenhelix.net/errors/wallet-not-found",
      title: "Not Found",
      status: 404,
      detail: expect.any(String),
      instance: "/v1/billing/wallets/buyer/balance",
    });
  });

  it("has its JSON judged first, then its key, then its rights, then its body", async () => {
    const sandbox = await openSandbox({ apiKeys: [{ token: "read-only-key", agentId: "buyer", scopes: ["read"] }] });
    await placeAgent(sandbox, { tier: "free" });
    const steps = [
      await sandbox.as(undefined)("PUT", budget, "{broken"),
      await sandbox.as(undefined)("PUT", budget, {}),
      await sandbox.as("a2a_pro_unknown")("PUT", budget, {}),
      await sandbox.as("read-only-key")("PUT", budget, { extra: 1 }),
      await sandbox.agent("buyer")("POST", "/v1/payments/escrows", { extra: 1 }),
      await sandbox.agent("buyer")("PUT", budget, { extra: 1 }),
    ];
    expect(steps.map((step) => [step.status, tail(step)])).toEqual([
      [422, "validation-error"],
      [401, "missing-key"],
      [401, "authentication-error"],
      [403, "scope-violation"],
      [403, "insufficient-tier"],
      [422, "validation-error"],
    ]);
  });

  it.each([
    ["/v1/nowhere", 404, "http-error"],
    ["/v1/identity/agents/a%2Fb", 400, "encoded-path-separator"],
    [`/v1/identity/agents/${"x".repeat(129)}`, 400, "path-too-long"],
  ])("says of %s: %i %s", async (path, status, expected) => {
    const sandbox = await openSandbox();
    const refused = await sandbox.admin("GET", path);
    expect([refused.status, tail(refused)]).toEqual([status, expected]);
  });

  it("names no path when the body is over 1 MiB", async () => {
    const sandbox = await openSandbox();
    const refused = await sandbox.admin("PUT", budget, "x".repeat(1_100_000));
    expect([refused.status, tail(refused), refused.body.instance]).toEqual([413, "payload-too-large", undefined]);
  });

  it("is 410 on the old calling form, whatever it carries", async () => {
    const sandbox = await openSandbox();
    const gone = await sandbox.as(undefined)("POST", "/v1/execute", "garbage");
    expect([gone.status, tail(gone), gone.headers.get("deprecation")]).toEqual([410, "endpoint-removed", "true"]);
  });
});

describe("an agent that calls too often", () => {
  it("is refused at its hourly number with nothing that says when to come back", async () => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox, { tier: "free" });
    const read = () => sandbox.agent("buyer")("GET", budget);
    const first = await read();
    expect([first.headers.get("x-ratelimit-limit"), first.headers.get("x-ratelimit-remaining")]).toEqual(["100", "99"]);
    for (let call = 1; call < 100; call += 1) await read();
    const refused = await read();
    expect([refused.status, tail(refused)]).toEqual([429, "rate-limit-exceeded"]);
    expect([...refused.headers.keys()].filter((name) => /retry|ratelimit/.test(name))).toEqual([]);
    expect((await sandbox.control("GET", "/requests")).body.byRoute.get_budget_status).toEqual({ 200: 100, 429: 1 });
  });

  it("gets through again when its last minute was quiet, and is refused again when it was not", async () => {
    let nowMs = 1_790_000_000_000;
    const sandbox = await openSandbox({ now: () => nowMs });
    await placeAgent(sandbox, { tier: "free" });
    const statuses = async (calls: number) => {
      const seen: number[] = [];
      for (let call = 0; call < calls; call += 1) seen.push((await sandbox.agent("buyer")("GET", budget)).status);
      return seen;
    };
    await statuses(100);
    nowMs += 61_000;
    expect(await statuses(12)).toEqual([...Array(11).fill(200), 429]);
  });

  it("keeps itself out by calling on: refused calls count too", async () => {
    let nowMs = 1_790_000_000_000;
    const sandbox = await openSandbox({ now: () => nowMs });
    await placeAgent(sandbox, { tier: "free" });
    const read = async () => (await sandbox.agent("buyer")("GET", budget)).status;
    for (let call = 0; call < 100; call += 1) await read();
    nowMs += 50_000;
    for (let call = 0; call < 11; call += 1) expect(await read()).toBe(429);
    nowMs += 11_000;
    expect(await read()).toBe(429);
  });

  it("shares its bucket with every key of that agent, while an admin key has none", async () => {
    const sandbox = await openSandbox({
      hourlyLimits: { pro: 0 },
      apiKeys: [{ token: "responder-key", agentId: "buyer" }],
    });
    await placeAgent(sandbox);
    for (let call = 0; call < 100; call += 1) await sandbox.agent("buyer")("GET", budget);
    expect((await sandbox.as("responder-key")("GET", budget)).status).toBe(429);
    const admin = await sandbox.admin("GET", budget);
    expect([admin.status, admin.headers.get("x-ratelimit-limit")]).toEqual([200, null]);
  });
});

describe("a request id", () => {
  it("comes back twice on success and is lost on the errors of unwrapped handlers", async () => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox);
    const buyer = sandbox.agent("buyer");
    const id = { "x-request-id": "r-1" };
    expect((await buyer("GET", budget, undefined, id)).headers.get("x-request-id")).toBe("r-1, r-1");
    expect((await sandbox.agent("x")("GET", budget, undefined, id)).headers.get("x-request-id")).toBeNull();
    expect((await buyer("POST", "/v1/payments/escrows/none/cancel", undefined, id)).headers.get("x-request-id")).toBe(
      "r-1",
    );
  });
});

describe("a batch", () => {
  it("answers 200 with a result for each call, amounts as floats and refusals flattened", async () => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox, { balance: "12.5" }, 0);
    const call = (tool: string, params: object) => ({ tool, params });
    const { status, body } = await sandbox.agent("buyer")("POST", "/v1/batch", {
      calls: [
        call("get_balance", { agent_id: "buyer" }),
        call("cancel_escrow", { escrow_id: "none" }),
        call("get_balance", {}),
        call("get_balance", { agent_id: "seller" }),
        call("freeze_wallet", { agent_id: "buyer" }),
        call("fly", {}),
      ],
    });
    expect(status).toBe(200);
    expect(body.results[0]).toEqual({ success: true, result: { balance: 12.5 } });
    const codes = body.results.slice(1).map((result: { error: { code: string } }) => result.error.code);
    expect(codes).toEqual(["execution_error", "missing_parameter", "forbidden", "admin_only", "unknown_tool"]);
  });

  it("does not make an admin of an admin key", async () => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox);
    const { body } = await sandbox.admin("POST", "/v1/batch", {
      calls: [{ tool: "set_budget_cap", params: { agent_id: "buyer", daily_cap: 0 } }],
    });
    expect(body.results[0].error.code).toBe("forbidden");
    const [id] = await placeAgent(sandbox, {}, 1);
    const cancel = { calls: [{ tool: "cancel_escrow", params: { escrow_id: id } }] };
    expect((await sandbox.admin("POST", "/v1/batch", cancel)).body.results[0].error.code).toBe("execution_error");
  });

  it("lists fifty escrows where the tool is given no limit", async () => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox, {}, 60);
    const list = { calls: [{ tool: "list_escrows", params: { agent_id: "buyer" } }] };
    const { body } = await sandbox.agent("buyer")("POST", "/v1/batch", list);
    expect(body.results[0].result).toMatchObject({ count: 50 });
    expect(body.results[0].result.escrows[0]).toMatchObject({ amount: 150, created_at: expect.any(Number) });
  });

  it("is refused whole above ten calls", async () => {
    const sandbox = await openSandbox();
    const refused = await sandbox.agent("buyer")("POST", "/v1/batch", { calls: Array(11).fill({}) });
    expect([refused.status, tail(refused)]).toEqual([400, "batch-too-large"]);
  });
});

describe("the calling forms", () => {
  it("can each be shut: what is not served is 404", async () => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox);
    const rest = () =>
      sandbox
        .agent("buyer")("GET", budget)
        .then((answer) => answer.status);
    const tools = () =>
      sandbox
        .agent("buyer")("POST", "/v1", { tool: "get_balance", input: { agent_id: "buyer" } })
        .then((answer) => answer.status);
    expect([await rest(), await tools()]).toEqual([200, 200]);
    await sandbox.control("PUT", "/forms", { forms: "rest" });
    expect([await rest(), await tools()]).toEqual([200, 404]);
    await sandbox.control("PUT", "/forms", { forms: "tools" });
    expect([await rest(), await tools()]).toEqual([404, 200]);
    expect((await sandbox.as(undefined)("GET", "/v1/health")).status).toBe(404);
  });

  it("says its version on /v1/health without a key", async () => {
    const sandbox = await openSandbox();
    expect((await sandbox.as(undefined)("GET", "/v1/health")).body).toEqual({ status: "ok", version: "1.4.10" });
  });
});
