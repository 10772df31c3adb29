import { describe, expect, it } from "vitest";
import { openSandbox, placeAgent, tail } from "./open-sandbox.ts";

const budget = "/v1/billing/wallets/buyer/budget";
const order = { payer: "buyer", payee: "seller", amount: "150" };

describe("an agent whose caps are zero", () => {
  it("opens no escrow, and yet reads 0 % used and not exceeded", async () => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox);
    const buyer = sandbox.agent("buyer");
    await buyer("POST", "/v1/payments/escrows", order);
    await buyer("PUT", budget, { daily_cap: "0", monthly_cap: 0 });

    const refused = await buyer("POST", "/v1/payments/escrows", order);
    expect(refused.status).toBe(402);
    expect(tail(refused)).toBe("budget-exceeded");
    expect((await buyer("GET", budget)).body).toEqual({
      agent_id: "buyer",
      daily_spend: 2.25,
      daily_cap: 0,
      daily_pct: 0,
      monthly_spend: 2.25,
      monthly_cap: 0,
      monthly_pct: 0,
      alert_triggered: false,
      cap_exceeded: false,
    });
  });

  it("still opens one through /v1/batch, which asks no cap", async () => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox, { dailyCap: "0", monthlyCap: "0" });
    const batch = await sandbox.agent("buyer")("POST", "/v1/batch", {
      calls: [{ tool: "create_escrow", params: { ...order, amount: 150 } }],
    });
    expect(batch.body.results[0]).toMatchObject({ success: true, result: { status: "held", amount: 150 } });
  });

  it("may lift its own cap with its own key, and the log says who did it", async () => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox, { dailyCap: "0" });
    expect((await sandbox.agent("buyer")("PUT", budget, { daily_cap: "500" })).status).toBe(200);
    const { body } = await sandbox.control("GET", "/effects?effect=budget.set");
    expect(body.effects.at(-1)).toMatchObject({
      agentId: "buyer",
      actor: "buyer",
      caps: { daily: "500.00", monthly: null },
    });
  });
});

describe("a budget write", () => {
  it("replaces the whole row: what is left out is gone", async () => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox, { dailyCap: "100", monthlyCap: "2000", alertThreshold: 0.5 });
    const written = await sandbox.agent("buyer")("PUT", budget, { daily: "50.5" });
    expect(written.body).toEqual({ agent_id: "buyer", daily_cap: 50.5, monthly_cap: null, alert_threshold: 0.8 });
  });

  it.each([{ agent_id: "buyer", daily_cap: "1" }, { daily_cap: "1", reason: "freeze" }, { daily_cap: "abc" }])(
    "answers 422 to %j and changes nothing",
    async (body) => {
      const sandbox = await openSandbox();
      await placeAgent(sandbox, { dailyCap: "100" });
      const refused = await sandbox.agent("buyer")("PUT", budget, body);
      expect([refused.status, tail(refused)]).toEqual([422, "validation-error"]);
      expect((await sandbox.agent("buyer")("GET", budget)).body.daily_cap).toBe(100);
    },
  );

  it("is refused to another agent's key and allowed to an admin's", async () => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox);
    const foreign = await sandbox.agent("seller")("PUT", budget, { daily_cap: "0" });
    expect([foreign.status, tail(foreign)]).toEqual([403, "forbidden"]);
    expect((await sandbox.admin("PUT", budget, { daily_cap: "0" })).status).toBe(200);
  });
});

describe("what counts towards a cap", () => {
  it("is the fee of 1.5 %, at least 0.01 and at most 10, and never the principal", async () => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox, { dailyCap: "20" });
    const buyer = sandbox.agent("buyer");
    const charged = async (amount: string) =>
      (await buyer("POST", "/v1/payments/escrows", { ...order, amount })).headers.get("x-charged");
    expect(await charged("150")).toBe("2.25");
    expect(await charged("0.10")).toBe("0.01");
    expect(await charged("50000")).toBe("10.00");
    expect((await buyer("GET", budget)).body).toMatchObject({
      daily_spend: 12.26,
      daily_pct: 61.3,
      cap_exceeded: false,
    });
  });

  it("rolls out of the window after 24 hours", async () => {
    let nowMs = 1_790_000_000_000;
    const sandbox = await openSandbox({ now: () => nowMs });
    await placeAgent(sandbox, { dailyCap: "3" });
    const buyer = sandbox.agent("buyer");
    await buyer("POST", "/v1/payments/escrows", order);
    expect((await buyer("POST", "/v1/payments/escrows", order)).status).toBe(402);
    nowMs += 24 * 3_600_000 + 1;
    expect((await buyer("POST", "/v1/payments/escrows", order)).status).toBe(201);
    expect((await buyer("GET", budget)).body).toMatchObject({ daily_spend: 2.25, monthly_spend: 4.5 });
  });

  it("stands still for a caller that repeats one key, while the wallet is still charged", async () => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox, { balance: "1000" });
    const buyer = sandbox.agent("buyer");
    for (let call = 0; call < 3; call += 1)
      await buyer("POST", "/v1/payments/escrows", order, { "x-request-id": "same" });
    expect((await buyer("GET", budget)).body.daily_spend).toBe(2.25);
    expect((await buyer("GET", "/v1/billing/wallets/buyer/balance")).body).toEqual({ balance: "543.25" });
  });
});

describe("a fee that the balance left does not cover", () => {
  it("answers 402 although the escrow exists and holds the money", async () => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox, { balance: "150" });
    const buyer = sandbox.agent("buyer");
    const answer = await buyer("POST", "/v1/payments/escrows", order);
    expect([answer.status, tail(answer)]).toEqual([402, "insufficient-balance"]);
    expect((await buyer("GET", "/v1/payments/escrows?agent_id=buyer&status=held")).body.count).toBe(1);
    expect(
      (await sandbox.control("GET", "/effects")).body.effects.map((row: { effect: string }) => row.effect),
    ).toContain("escrow.created");
  });

  it("answers 404 to an admin key whose own agent has no wallet, after the same effect", async () => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox);
    const answer = await sandbox.admin("POST", "/v1/payments/escrows", order);
    expect([answer.status, tail(answer)]).toEqual([404, "wallet-not-found"]);
    expect((await sandbox.control("GET", "/state")).body.escrows.held).toBe(1);
  });
});
