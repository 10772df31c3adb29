import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ActionKey, Gateway } from "../../src/incident/gateway.ts";
import { money } from "../../src/incident/money.ts";
import { describeEscrowContract } from "./contract-escrows.ts";
import type { GatewayWorld } from "./world.ts";

const key = (name: string): ActionKey => name as ActionKey;
const frozen = { dailyCap: money(0), monthlyCap: money(0), alertThreshold: 0.8 };

/** What every adapter must do, whichever form it speaks. Run by rest.test.ts and tools.test.ts. */
export function describeGatewayContract(name: string, makeWorld: () => Promise<GatewayWorld>): void {
  describe(`a gateway called in the ${name} form`, () => {
    let world: GatewayWorld;
    let gateway: Gateway;

    beforeAll(async () => {
      world = await makeWorld();
      gateway = world.gateway;
    });

    afterAll(() => world.close());

    beforeEach(() => world.admin("POST", "/reset"));

    describe("caps", () => {
      it.each([["0"], ["0.01"], ["847.75"], ["123456789.12"], ["0.00000001"]])(
        "of %s are read exactly",
        async (cap) => {
          await world.agent({ agentId: "a", dailyCap: cap });
          expect((await gateway.readBudget("a")).dailyCap).toBe(money(cap));
        },
      );

      it("that are absent are read as uncapped, never as zero", async () => {
        await world.agent({ agentId: "a", dailyCap: null });
        expect((await gateway.readBudget("a")).dailyCap).toBeNull();
      });

      it("go out together, with the threshold, in every write", async () => {
        await world.agent({ agentId: "a", dailyCap: "500", monthlyCap: "9000", alertThreshold: 0.5 });
        const set = async (daily: string | null, monthly: string | null) => {
          const caps = { dailyCap: daily && money(daily), monthlyCap: monthly && money(monthly), alertThreshold: 0.65 };
          return gateway.setBudget("a", caps as typeof frozen, key(`restore:${daily}:${monthly}`));
        };
        expect(await set("250.5", "4500")).toMatchObject({ outcome: "done", value: { dailyCap: money("250.5") } });
        expect(await world.caps("a")).toEqual({ daily: "250.50", monthly: "4500.00", alertThreshold: 0.65 });
        expect(await set(null, "4500")).toMatchObject({ outcome: "done", value: { dailyCap: null } });
        expect(await world.caps("a")).toEqual({ daily: null, monthly: "4500.00", alertThreshold: 0.65 });
        expect(await set("0.00000001", null)).toMatchObject({ outcome: "done" });
        expect(await world.caps("a")).toEqual({ daily: "0.00000001", monthly: null, alertThreshold: 0.65 });
      });

      it("of zero freeze, and are proved by reading back, since nothing else shows it", async () => {
        await world.agent({ agentId: "a", dailyCap: "500", monthlyCap: null });
        expect(await gateway.setBudget("a", frozen, key("freeze:a:1"))).toMatchObject({ outcome: "done" });
        expect(await world.caps("a")).toMatchObject({ daily: "0.00", monthly: "0.00" });
        expect(await gateway.readBudget("a")).toMatchObject({ dailyCap: 0n, utilizationPct: 0 });
        expect((await world.effects("budget.set")).at(-1)).toMatchObject({ idempotencyKey: "freeze:a:1" });
      });
    });

    describeEscrowContract(name, () => world);

    describe("keys", () => {
      it("of the agent itself do what an admin's do", async () => {
        await world.agent({ agentId: "a", dailyCap: "5" });
        const own = world.connect({ keyFor: (agentId) => `sandbox-agent-${agentId}` });
        expect(await own.readBudget("a")).toMatchObject({ dailyCap: money(5) });
        expect(await own.setBudget("a", frozen, key("freeze:own"))).toMatchObject({ outcome: "done" });
      });

      it("nobody knows are refused, for good", async () => {
        await world.agent({ agentId: "a" });
        const stranger = world.connect({ keyFor: () => "a2a_free_000000000000000000000000" });
        await expect(stranger.readBudget("a")).rejects.toMatchObject({
          code: "gateway-refused",
          detail: { status: 401 },
        });
        expect(await stranger.setBudget("a", frozen, key("f"))).toMatchObject({ outcome: "not-done" });
      });
    });

    describe("who an agent is", () => {
      it("is read with its public key", async () => {
        await world.agent({ agentId: "a", publicKey: "ab".repeat(32) });
        expect(await gateway.readIdentity("a")).toMatchObject({
          agentId: "a",
          publicKey: "ab".repeat(32),
          raw: { agent_id: "a" },
        });
        await expect(gateway.readIdentity("nobody")).rejects.toMatchObject({ code: "not-found" });
      });

      it("is scored between 0 and 1", async () => {
        await world.agent({ agentId: "a" });
        await world.admin("PUT", "/agents/a/reputation", { score: 0.73 });
        expect((await gateway.readReputation("a")).score).toBeCloseTo(0.73, 10);
      });

      it("shows its claims and chains, none at first", async () => {
        await world.agent({ agentId: "a" });
        expect([await gateway.readClaims("a"), await gateway.readClaimChains("a")]).toEqual([[], []]);
        expect(await gateway.submitMetrics("a", { pnl_30d: 1 }, key("metrics:1"))).toMatchObject({ outcome: "done" });
        expect(await gateway.readClaims("a")).toMatchObject([{ agent_id: "a", metric_name: "pnl_30d" }]);
      });

      it("is rated through the service it offers", async () => {
        await world.agent({ agentId: "a" });
        expect(await gateway.rateService("a", "svc-1", 3, "restored", key("rate:1"))).toMatchObject({
          outcome: "done",
        });
        expect(await world.effects("service.rated")).toHaveLength(1);
      });
    });

    describe("events and webhooks", () => {
      it("are published with the agent in the payload, once", async () => {
        await world.agent({ agentId: "a" });
        const answer = await gateway.publishEvent("a", "incident_contained", { incident: "i1" }, key("publish:1"));
        expect(answer).toMatchObject({ outcome: "done", value: { eventId: expect.stringMatching(/^\d+$/) } });
        expect(await world.effects("event.published")).toHaveLength(1);
      });

      it("are read back from the bus, oldest first, and none twice", async () => {
        await world.agent({ agentId: "a" });
        for (const n of [1, 2, 3])
          await gateway.publishEvent("a", "budget_threshold", { utilization_pct: 90 + n }, key(`publish:${n}`));
        const rows = await gateway.listEvents("a", 0);
        expect(rows.map(({ id }) => id)).toEqual([1, 2, 3]);
        expect(rows[0]).toMatchObject({ type: "budget_threshold", source: "a", raw: { payload: { agent_id: "a" } } });
        expect(Math.abs(rows[0]!.createdAt! - Date.now())).toBeLessThan(60_000);
        expect((await gateway.listEvents("a", 1)).map(({ id }) => id)).toEqual([2, 3]);
        expect(await gateway.listEvents("a", 3)).toEqual([]);
      });

      it("are registered, listed without their secret, and proved by a ping", async () => {
        await world.agent({ agentId: "a" });
        const own = world.connect({ keyFor: (agentId) => `sandbox-agent-${agentId}` });
        const registration = {
          url: `${world.url}/nowhere`,
          eventTypes: ["budget_threshold", "escrow_state_change"],
          secret: "s3cret",
        };
        const made = await own.registerWebhook("a", registration);
        expect(made).toMatchObject({
          outcome: "done",
          value: { url: registration.url, eventTypes: registration.eventTypes },
        });
        const listed = await own.listWebhooks("a");
        expect(listed.flatMap(({ eventTypes }) => eventTypes).sort()).toEqual([...registration.eventTypes].sort());
        expect(JSON.stringify(listed)).not.toContain("s3cret");
        expect(await own.testWebhook("a", listed[0]!.id)).toEqual({
          outcome: "done",
          value: { delivered: false, responseCode: 404 },
        });
      });
    });

    it("tells of every request that a call makes", async () => {
      await world.agent({ agentId: "a" });
      await world.held("a", 3, "10");
      let requests = 0;
      const onRequest = () => {
        requests += 1;
      };
      await gateway.readBudget("a", { onRequest });
      expect(requests).toBe(1);
      for await (const _page of gateway.listEscrows("a", { held: true }, { onRequest }));
      expect(requests).toBe(3);
    });

    it("tells what an agent used, in three parts", async () => {
      await world.agent({ agentId: "a" });
      await world.held("a", 2, "10");
      const usage = await gateway.readUsage("a", Date.now() - 3_600_000);
      expect(usage).toMatchObject({
        analytics: { total_calls: expect.anything() },
        billing: expect.anything(),
        byCategory: expect.anything(),
      });
    });
  });
}
