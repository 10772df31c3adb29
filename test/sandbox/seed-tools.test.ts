import { describe, expect, it } from "vitest";
import { type OpenSandbox, openSandbox, placeAgent, tail } from "./open-sandbox.ts";

const caller =
  (sandbox: OpenSandbox, agentId = "buyer") =>
  async (tool: string, input: Record<string, unknown>) =>
    (await sandbox.agent(agentId)("POST", "/v1", { tool, input })).body;

describe("the seeds' calling form", () => {
  it("answers with the bare result in the seeds' names, at /v1 and at /v1/v1", async () => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox, { balance: "850", dailyCap: "1000" });
    for (const path of ["/v1", "/v1/v1"]) {
      const answer = await sandbox.agent("buyer")("POST", path, { tool: "get_balance", input: { agent_id: "buyer" } });
      expect(answer.body).toEqual({ agent_id: "buyer", balance: "850.00" });
    }
  });

  it("runs the seeds' containment: caps read, set to zero, escrows cancelled", async () => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox, { balance: "10000", dailyCap: "1000", monthlyCap: "20000" });
    const tool = caller(sandbox);
    const made = await tool("create_escrow", { agent_id: "buyer", payee_id: "seller", amount: "150" });
    expect(made).toMatchObject({ payer_id: "buyer", payee_id: "seller", amount: "150.00", status: "funded" });
    expect(await tool("get_budget_status", { agent_id: "buyer" })).toEqual({
      agent_id: "buyer",
      utilization_pct: 0.22,
      daily_limit: "1000.00",
      daily_spent: "2.25",
    });
    expect(await tool("set_budget_cap", { agent_id: "buyer", daily: "0", monthly: "0" })).toEqual({
      agent_id: "buyer",
      daily: "0.00",
      monthly: "0.00",
    });
    const { escrows } = await tool("list_escrows", { agent_id: "buyer" });
    expect(await tool("cancel_escrow", { escrow_id: escrows[0].escrow_id, reason: "incident" })).toMatchObject({
      status: "cancelled",
      amount: "150.00",
    });
    expect(
      (
        await sandbox.agent("buyer")("POST", "/v1", {
          tool: "create_escrow",
          input: { payee_id: "s", agent_id: "buyer", amount: "1" },
        })
      ).status,
    ).toBe(402);
  });

  it("lists every escrow unless pages are asked for", async () => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox, {}, 60);
    const tool = caller(sandbox);
    expect((await tool("list_escrows", { agent_id: "buyer" })).count).toBe(60);
    expect((await tool("list_escrows", { agent_id: "buyer", limit: 50, offset: 50 })).count).toBe(10);
    expect((await tool("list_escrows", { agent_id: "buyer", status: "released" })).count).toBe(0);
  });

  it("clears a missing monthly cap, like the route behind it", async () => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox, { dailyCap: "1000", monthlyCap: "20000" });
    expect(await caller(sandbox)("set_budget_cap", { agent_id: "buyer", daily: "5" })).toMatchObject({ monthly: null });
  });

  it("answers for an agent's standing: verified, score from 0 to 1, claims with times", async () => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox, { publicKey: "aa".repeat(32) });
    await sandbox.control("PUT", "/agents/buyer/reputation", { score: 0.9 });
    const tool = caller(sandbox);
    expect(await tool("get_agent_reputation", { agent_id: "buyer" })).toEqual({
      agent_id: "buyer",
      reputation_score: 0.9,
    });
    expect(await tool("verify_agent", { agent_id: "buyer" })).toEqual({ agent_id: "buyer", verified: true });
    await tool("submit_metrics", { agent_id: "buyer", metrics: { incident_recovery: true, recovery_timestamp: 5 } });
    const { claims } = await tool("get_verified_claims", { agent_id: "buyer" });
    expect(claims.map((claim: { metric_name: string }) => claim.metric_name)).toEqual([
      "incident_recovery",
      "recovery_timestamp",
    ]);
    expect(claims[0].timestamp).toBeTypeOf("number");
    expect(await tool("get_claim_chains", { agent_id: "buyer" })).toEqual({ chains: [] });
  });

  it("says not verified once the key was rotated", async () => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox, { publicKey: "aa".repeat(32) });
    await sandbox.agent("buyer")("POST", "/v1/identity/agents", { agent_id: "buyer", public_key: "bb".repeat(32) });
    expect((await caller(sandbox)("verify_agent", { agent_id: "buyer" })).verified).toBe(false);
  });

  it("has the analytics the real gateway lacks", async () => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox, { balance: "1000" });
    const tool = caller(sandbox);
    await tool("create_escrow", { agent_id: "buyer", payee_id: "seller", amount: "100" });
    expect(await tool("get_usage_analytics", { agent_id: "buyer" })).toMatchObject({
      total_calls: 1,
      total_cost: "1.50",
      by_tool: { create_escrow: 1 },
    });
    expect(await tool("get_billing_summary", { agent_id: "buyer" })).toMatchObject({
      balance: "898.50",
      total_fees: "1.50",
      total_out: "101.50",
    });
    const { categories } = await tool("get_spending_by_category", { agent_id: "buyer" });
    expect(categories.map((row: { category: string; amount: string }) => [row.category, row.amount])).toEqual([
      ["gateway", "1.50"],
      ["escrow_hold", "100.00"],
    ]);
  });

  it("publishes, rates and registers", async () => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox);
    const tool = caller(sandbox);
    expect(
      await tool("publish_event", {
        agent_id: "buyer",
        event_type: "incident_resolved",
        payload: { incident_id: "i" },
      }),
    ).toEqual({ event_id: 1 });
    expect(await tool("rate_service", { agent_id: "buyer", rating: 3, comment: "back" })).toEqual({
      agent_id: "buyer",
      rating: 3,
      comment: "back",
    });
    const webhook = {
      agent_id: "buyer",
      event_type: "budget_threshold",
      webhook_url: "http://127.0.0.1:9/hook",
      config: { threshold_pct: 80 },
    };
    expect(await tool("register_webhook", webhook)).toMatchObject({
      webhook_id: expect.stringMatching(/^whk-/),
      event_type: "budget_threshold",
    });
    expect((await tool("list_webhooks", {})).webhooks).toHaveLength(1);
  });

  it.each([
    [{ tool: "fly", input: {} }, 400, "bad-request"],
    [{ input: {} }, 400, "bad-request"],
    [{ tool: "get_balance", input: {} }, 400, "missing-parameter"],
    [{ tool: "get_balance", input: { agent_id: "other" } }, 403, "forbidden"],
    [{ tool: "publish_event", input: { agent_id: "other", event_type: "x" } }, 403, "forbidden"],
    [{ tool: "cancel_escrow", input: { escrow_id: "none" } }, 404, "escrow-not-found"],
  ])("refuses %j with %i %s", async (body, status, expected) => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox);
    const refused = await sandbox.agent("buyer")("POST", "/v1", body);
    expect([refused.status, tail(refused)]).toEqual([status, expected]);
  });
});
