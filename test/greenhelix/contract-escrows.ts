import { describe, expect, it } from "vitest";
import type { ActionKey, Escrow, Gateway } from "../../src/incident/gateway.ts";
import { addMoney, formatMoney, money } from "../../src/incident/money.ts";
import type { GatewayWorld } from "./world.ts";

const key = (name: string): ActionKey => name as ActionKey;

async function everyEscrow(gateway: Gateway, agentId: string, filter: { held?: boolean }): Promise<Escrow[]> {
  const rows: Escrow[] = [];
  for await (const page of gateway.listEscrows(agentId, filter)) rows.push(...page);
  return rows;
}

/** The part of the contract about escrows; `world` is made and reset by contract.ts. */
export function describeEscrowContract(name: string, world: () => GatewayWorld): void {
  describe("escrows", () => {
    it.each([0, 1, 60, 312])("are all found when %i are held", async (count) => {
      await world().agent({ agentId: "a" });
      const ids = count === 0 ? [] : await world().held("a", count, "150.25");
      const found = await everyEscrow(world().gateway, "a", { held: true });
      expect(found.map(({ id }) => id).sort()).toEqual(ids.sort());
      expect(formatMoney(addMoney(...found.map(({ amount }) => amount)))).toBe(
        formatMoney((money("150.25") * BigInt(count)) as never),
      );
    });

    it("are found with payer, payee, amount and time, those owed to the agent included", async () => {
      await world().agent({ agentId: "a" });
      await world().agent({ agentId: "b", balance: "100000000" });
      const [own] = await world().held("a", 1, "0.01", "b");
      const [owed] = await world().held("b", 1, "99999999.99", "a");
      const found = new Map((await everyEscrow(world().gateway, "a", {})).map((row) => [row.id, row]));
      expect(found.get(own!)).toMatchObject({ payer: "a", payee: "b", amount: money("0.01"), state: "held" });
      expect(found.get(owed!)).toMatchObject({ payer: "b", payee: "a", amount: money("99999999.99"), state: "held" });
      expect(Math.abs(found.get(own!)!.createdAt! - Date.now())).toBeLessThan(60_000);
    });

    it("that are no longer held are told apart, and left out where only held ones are asked for", async () => {
      await world().agent({ agentId: "a" });
      const [gone, stays] = await world().held("a", 2);
      await world().gateway.cancelEscrow("a", gone!, "why", key("cancel:1"));
      expect((await everyEscrow(world().gateway, "a", { held: true })).map(({ id }) => id)).toEqual([stays]);
      expect((await everyEscrow(world().gateway, "a", {})).map(({ state }) => state).sort()).toEqual([
        "held",
        "refunded",
      ]);
      expect(await world().gateway.readEscrow("a", gone!)).toMatchObject({
        id: gone,
        state: "refunded",
        amount: money(150),
      });
      expect(await world().gateway.readEscrow("a", stays!)).toMatchObject({ id: stays, state: "held" });
    });

    it("that nobody knows are not found", async () => {
      await world().agent({ agentId: "a" });
      await expect(world().gateway.readEscrow("a", "esc-none")).rejects.toMatchObject({ code: "not-found" });
      const answer = await world().gateway.cancelEscrow("a", "esc-none", "why", key("cancel:none"));
      expect(answer).toMatchObject({
        outcome: "not-done",
        error: { code: "not-found", detail: { problem: "escrow-not-found" } },
      });
    });

    it("are cancelled once each, 312 of them at a time, under their action keys", async () => {
      await world().agent({ agentId: "a" });
      const ids = await world().held("a", 312);
      const answers = await Promise.all(
        ids.map((id) => world().gateway.cancelEscrow("a", id, "why", key(`cancel:${id}`))),
      );
      expect(new Set(answers.map((answer) => answer.outcome === "done" && answer.value.state))).toEqual(
        new Set(["refunded"]),
      );
      const refunds = await world().effects("escrow.refunded");
      expect(refunds.map(({ escrowId }) => escrowId).sort()).toEqual(ids.sort());
      expect(refunds.map(({ idempotencyKey }) => idempotencyKey).sort()).toEqual(
        ids.map((id) => `cancel:${id}`).sort(),
      );
      expect(await world().gateway.readBalance("a")).toEqual({ balance: money(1_000_000) });
    });

    it("that are lost already are not done, with the gateway's reason", async () => {
      await world().agent({ agentId: "a" });
      const [id] = await world().held("a", 1);
      await release(world(), name, id!);
      const answer = await world().gateway.cancelEscrow("a", id!, "why", key("cancel:lost"));
      expect(answer).toMatchObject({
        outcome: "not-done",
        error: { code: "conflict", detail: { status: 409, problem: "invalid-state" } },
      });
      expect(await world().gateway.readEscrow("a", id!)).toMatchObject({ state: "settled" });
    });
  });

  describe("a cancel that meets a fault", () => {
    it.each([
      ["429", "not-done", 0],
      ["500-before", "unknown", 0],
      ["500-after", "unknown", 1],
      ["reset-before", "unknown", 0],
      ["reset-after", "unknown", 1],
      ["503-html", "unknown", 0],
      ["slow-body", "unknown", 1],
    ] as const)("(%s) is %s, and is sent no second time", async (kind, outcome, refunds) => {
      await world().agent({ agentId: "a" });
      const [id] = await world().held("a", 1);
      await world().fault(kind, "cancel_escrow");
      const answer = await world().gateway.cancelEscrow("a", id!, "why", key("cancel:x"), { deadlineMs: 400 });
      expect(answer.outcome).toBe(outcome);
      expect(await world().effects("escrow.refunded")).toHaveLength(refunds);
    });

    it("is unknown when it runs late, and lands after all", async () => {
      await world().agent({ agentId: "a" });
      const [id] = await world().held("a", 1);
      await world().fault("timeout-late-effect", "cancel_escrow", { lateMs: 300 });
      const answer = await world().gateway.cancelEscrow("a", id!, "why", key("cancel:late"), { deadlineMs: 100 });
      expect(answer).toMatchObject({ outcome: "unknown", error: { code: "gateway-timeout" } });
      await expect
        .poll(async () => (await world().gateway.readEscrow("a", id!)).state, { timeout: 5_000 })
        .toBe("refunded");
      expect(await world().effects("escrow.refunded")).toHaveLength(1);
    });
  });
}

async function release(world: GatewayWorld, name: string, id: string): Promise<void> {
  const call = { tool: "release_escrow", input: { escrow_id: id } };
  const answer = await fetch(name === "rest" ? `${world.url}/v1/payments/escrows/${id}/release` : `${world.url}/v1`, {
    method: "POST",
    headers: { authorization: "Bearer sandbox-admin", "content-type": "application/json" },
    ...(name === "tools" && { body: JSON.stringify(call) }),
  });
  if (!answer.ok) throw new Error(`release: ${answer.status}`);
}
