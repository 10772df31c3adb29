import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ActionKey } from "../../src/incident/gateway.ts";
import { money } from "../../src/incident/money.ts";
import { describeGatewayContract } from "./contract.ts";
import { type GatewayWorld, startGatewayWorld } from "./world.ts";

describeGatewayContract("rest", () => startGatewayWorld("rest"));

describe("what only the rest form shows", () => {
  let world: GatewayWorld;

  beforeAll(async () => {
    world = await startGatewayWorld("rest");
  });

  afterAll(() => world.close());

  beforeEach(() => world.admin("POST", "/reset"));

  it("is a monthly cap, with absent and zero kept apart", async () => {
    for (const [cap, read] of [
      ["0", money(0)],
      [null, null],
      ["12000.5", money("12000.5")],
    ] as const) {
      await world.agent({ agentId: "a", dailyCap: "1", monthlyCap: cap });
      expect((await world.gateway.readBudget("a")).monthlyCap).toBe(read);
    }
  });

  it("is a frozen wallet, which then refuses refunds", async () => {
    await world.agent({ agentId: "a" });
    const [id] = await world.held("a", 1);
    expect(await world.gateway.setWalletFrozen("a", true, "wallet:a" as ActionKey)).toEqual({
      outcome: "done",
      value: { frozen: true },
    });
    const cancelled = await world.gateway.cancelEscrow("a", id!, "why", "cancel:a" as ActionKey);
    expect(cancelled).toMatchObject({
      outcome: "not-done",
      error: { code: "gateway-refused", detail: { problem: "wallet-frozen" } },
    });
  });

  it("is that a reputation nobody computed is no score, and that no agent can be verified", async () => {
    await world.agent({ agentId: "a" });
    expect((await world.gateway.readReputation("a")).score).toBeUndefined();
    expect(await world.gateway.verifyAgent("a")).toMatchObject({ verdict: "unknown" });
  });

  it("is every transaction since a time, past the first page, and what they come to by category", async () => {
    await world.agent({ agentId: "a" });
    await world.held("a", 260, "10");
    const since = Date.now() - 3_600_000;
    const rows = await world.gateway.listTransactions("a", since);
    expect(rows.length).toBeGreaterThanOrEqual(260);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    expect(await world.gateway.listTransactions("a", Date.now() + 3_600_000)).toEqual([]);
    const { byCategory } = (await world.gateway.readUsage("a", since)) as { byCategory: Record<string, string> };
    expect(byCategory["withdrawal/escrow_hold"]).toBe("-2600.00");
  });
});
