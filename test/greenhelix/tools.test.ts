import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ActionKey } from "../../src/incident/gateway.ts";
import { money } from "../../src/incident/money.ts";
import { describeGatewayContract } from "./contract.ts";
import { type GatewayWorld, startGatewayWorld } from "./world.ts";

describeGatewayContract("tools", () => startGatewayWorld("tools"));

describe("what is different in the tools form", () => {
  let world: GatewayWorld;

  beforeAll(async () => {
    world = await startGatewayWorld("tools");
  });

  afterAll(() => world.close());

  beforeEach(() => world.admin("POST", "/reset"));

  it("is that no monthly cap is shown, which is not the same as none", async () => {
    await world.agent({ agentId: "a", dailyCap: "5", monthlyCap: "100" });
    expect(await world.gateway.readBudget("a")).toMatchObject({ monthlyCap: undefined, alertThreshold: undefined });
  });

  it("is that a monthly cap never shown goes out as uncapped, so that a frozen one does not stay", async () => {
    await world.agent({ agentId: "a", dailyCap: "0", monthlyCap: "0" });
    const restore = { dailyCap: money(5), monthlyCap: undefined, alertThreshold: undefined };
    expect(await world.gateway.setBudget("a", restore, "restore:a" as ActionKey)).toMatchObject({ outcome: "done" });
    expect(await world.caps("a")).toEqual({ daily: "5.00", monthly: null, alertThreshold: 0.8 });
  });

  it("is that an agent can be verified", async () => {
    await world.agent({ agentId: "a", isVerified: true });
    await world.agent({ agentId: "b", isVerified: false });
    expect(await world.gateway.verifyAgent("a")).toMatchObject({ verdict: "valid" });
    expect(await world.gateway.verifyAgent("b")).toMatchObject({ verdict: "invalid" });
  });

  it("is that transactions cannot be listed, which is said and not taken for none", async () => {
    await world.agent({ agentId: "a" });
    await expect(world.gateway.listTransactions("a", 0)).rejects.toMatchObject({ code: "not-found" });
  });

  it("is that no wallet can be frozen, which is said", async () => {
    await world.agent({ agentId: "a" });
    expect(await world.gateway.setWalletFrozen("a", true, "wallet:a" as ActionKey)).toMatchObject({
      outcome: "not-done",
    });
  });
});
