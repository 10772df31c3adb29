import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connectGateway } from "../../../src/greenhelix/connect.ts";
import { oneKey } from "../../../src/greenhelix/keys.ts";
import type { Gateway, Transaction } from "../../../src/incident/gateway.ts";
import { money } from "../../../src/incident/money.ts";
import { tellingOf } from "../../redis/deliveries.ts";
import { AGENT, type Looks, openLooks } from "./looks.ts";

let looks: Looks;
afterEach(() => looks.close());

const bodies = async () => (await looks.events()).map(({ facts }) => facts);
const ofKind = async (kind: string) => (await bodies()).filter((facts) => facts.kind === kind);

describe("what no webhook told of", () => {
  beforeEach(async () => {
    looks = await openLooks();
  });

  it("is found at the next look, in the words and with the time of a webhook", async () => {
    await looks.look();
    const id = await looks.world.admin.createEscrow(AGENT, "mallory", "150.00");
    expect(await looks.look()).toMatchObject({ answer: "looked" });
    const [escrow] = (await looks.events()).filter(({ facts }) => facts.kind === "escrow");
    expect(escrow).toMatchObject({
      type: "escrow_state_change",
      agentId: AGENT,
      source: "poller",
      facts: { kind: "escrow", escrowId: id, payer: AGENT, payee: "mallory", amount: "150.00", state: "held" },
    });
    expect(Math.abs(escrow!.occurredAt - Date.now())).toBeLessThan(60_000);
  });

  it("is told of once, on however many pages it stands and however often it is looked at", async () => {
    await looks.world.admin.holdEscrows(AGENT, "mallory", "1.00", 620);
    await looks.look();
    await looks.look();
    expect(await ofKind("escrow")).toHaveLength(620);
    expect((await looks.world.services.inbox.stats()).dispositions.duplicate).toBe(0);
  });

  it("is told of under the same identity when the process died before it could remember", async () => {
    await looks.world.admin.holdEscrows(AGENT, "mallory", "1.00", 3);
    await looks.look();
    await looks.world.services.redis.del(`{tq:0}:watch:${AGENT}`, `{tq:0}:watch:${AGENT}:told`);
    await looks.look();
    expect(await ofKind("escrow")).toHaveLength(3);
    expect((await looks.world.services.inbox.stats()).dispositions.duplicate).toBeGreaterThanOrEqual(3);
  });

  it("includes how escrows ended, what else moved on the account, the balance and who the agent is", async () => {
    const id = await looks.world.admin.createEscrow(AGENT, "mallory", "150.00");
    await looks.look();
    await cancelAsTheAgent(id!);
    await looks.look();
    expect(await ofKind("escrow")).toMatchObject([
      { escrowId: id, state: "held" },
      { escrowId: id, state: "refunded", payer: AGENT, amount: "150.00" },
    ]);
    const moved = (await ofKind("transaction")) as { description: string }[];
    expect(moved.map(({ description }) => description.split(":")[0])).toContain("gateway");
    expect(moved.some(({ description }) => /escrow_hold|escrow_refund/.test(description))).toBe(false);
    const balances = (await ofKind("balance")) as { balance: string }[];
    expect(balances).toHaveLength(2);
    expect(await ofKind("identity")).toHaveLength(1);
    await looks.look();
    expect(await ofKind("balance")).toHaveLength(2);
  });

  it("leaves out what the agent is only paid, and what is older than anything would act on", async () => {
    await looks.world.admin.placeAgent("buyer");
    await looks.world.admin.createEscrow("buyer", AGENT, "9.00");
    await looks.look();
    expect(await ofKind("escrow")).toEqual([]);
  });
});

describe("a row of the account with a time that is still to come", () => {
  it("is told of, and hides none of those that come after it", async () => {
    looks = await openLooks();
    const now = await looks.world.services.clock.now();
    const row = (id: string, createdAt: number): Transaction => ({
      id,
      amount: money("-5.00"),
      type: "charge",
      description: `service:${id}`,
      createdAt,
      idempotencyKey: undefined,
    });
    const rows = [row("ahead", now + 6 * 3_600_000)];
    const listTransactions: Gateway["listTransactions"] = async (_, since) =>
      rows.filter(({ createdAt }) => createdAt! >= since);
    const gateway = { ...looks.world.services.gateway, listTransactions };
    const look = () => looks.run({ look: "agent", agentId: AGENT, everyMs: 0 }, { gateway });
    await look();
    rows.push(row("after", now + 1_000));
    await look();
    await look();
    const told = (await looks.events()).filter(({ type }) => type === "transaction_recorded");
    expect(told.map(({ facts }) => facts)).toMatchObject([{ transactionId: "ahead" }, { transactionId: "after" }]);
  });
});

describe("an agent that Tourniquet holds", () => {
  it("is looked at without budget and escrows, which its hold reads, and its own cancels are no news", async () => {
    looks = await openLooks();
    const { services, admin } = looks.world;
    const ids = await admin.holdEscrows(AGENT, "mallory", "10.00", 3);
    await looks.look();
    await services.redis.sadd(`{tq:0}:agent:${AGENT}:holds`, "inc-0-x-1");
    for await (const page of services.gateway.listEscrows(AGENT, { held: true }))
      for (const { id, createdAt } of page) {
        const action = `cancel:${id}:${createdAt}` as never;
        await services.actions.claim(AGENT, action, "me", 1_000, 1_000);
        await services.gateway.cancelEscrow(AGENT, id, "why", action);
      }
    const before = await admin.calls("get_budget_status");
    expect(await looks.look()).toMatchObject({ answer: "looked", failed: [] });
    expect(await admin.calls("get_budget_status")).toBe(before);
    expect((await ofKind("escrow")).map((facts) => (facts as { state: string }).state)).toEqual(ids.map(() => "held"));
  });
});

describe("a budget", () => {
  beforeEach(async () => {
    looks = await openLooks({
      settings: `fleet: { agents: [{ id: ${AGENT} }] }\nthresholds: { budgetWarningPct: 20, budgetExhaustionPct: 40 }`,
    });
    await looks.world.admin.placeAgent(AGENT, { dailyCap: "10.00" });
  });
  /** A fee of 1.5 % of the amount counts against the cap. */
  const spend = async (fee: number) => looks.world.admin.createEscrow(AGENT, "p", String((fee / 0.015).toFixed(2)));
  const shares = async () =>
    ((await ofKind("budget")) as { utilizationPct: number }[]).map((one) => one.utilizationPct);

  it("is told of when it enters another band, and no more often", async () => {
    await spend(1.5);
    await looks.look();
    expect(await shares()).toEqual([]);
    await spend(1);
    await looks.look();
    await looks.look();
    await spend(1);
    await looks.look();
    expect(await shares()).toEqual([25]);
    await spend(1);
    await looks.look();
    expect(await shares()).toEqual([25, 45]);
  });

  it("that was frozen reads nothing, so that the same band is no news when a false alarm is stood down", async () => {
    await spend(4.5);
    await looks.look();
    await looks.world.admin.setCaps(AGENT, "0", "0");
    await looks.look();
    await looks.world.admin.setCaps(AGENT, "10.00", "9000.00");
    await looks.look();
    expect(await shares()).toEqual([45]);
  });

  it("is remembered for the freeze that may come, and a zero never", async () => {
    await looks.look();
    await looks.world.admin.setCaps(AGENT, "0", "0");
    await looks.look();
    expect(await looks.world.services.caps.lastSeen(AGENT)).toMatchObject({ dailyCap: 1_000_000_000n });
  });
});

describe("an agent that cannot be looked at", () => {
  beforeEach(async () => {
    looks = await openLooks();
  });
  const fail = (tool: string, kind = "500-before") => looks.world.admin.fault({ match: { tool }, kind });

  it("is told of after three failures in a row, with what failed and why, once an hour", async () => {
    await fail("get_budget_status");
    for (const reported of [0, 0, 1, 1]) {
      await looks.look();
      expect(await looks.failures()).toHaveLength(reported);
    }
    const [failure] = await looks.failures();
    expect(failure).toMatchObject({ kind: "detection-failure", severity: "warning", agentId: AGENT });
    expect(failure!.why).toMatchObject({ observed: { failed: "budget", inARow: 3 }, thresholds: { inARow: 3 } });
    expect(failure!.why.sentence).toMatch(/procurement-7 cannot be watched: reading budget failed 3 times/);
  });

  it("two failures and a success do not make three", async () => {
    for (const round of [1, 2]) {
      await fail("get_budget_status");
      await looks.look();
      await looks.look();
      await looks.world.admin.clearFaults();
      expect(await looks.look(), `round ${round}`).toMatchObject({ failed: [] });
    }
    expect(await looks.failures()).toEqual([]);
  });

  it("is still looked at by everything that answers", async () => {
    await fail("list_escrows");
    await looks.look();
    expect(await ofKind("balance")).toHaveLength(1);
  });

  it("ends the look at a 429, and leaves the key alone for a while", async () => {
    await fail("list_escrows", "429");
    expect(await looks.look()).toMatchObject({ answer: "rate-limited", requests: 1 });
    await looks.world.admin.clearFaults();
    const { answer, waitMs } = await looks.look();
    expect(answer).toBe("no-calls");
    expect(waitMs).toBeGreaterThan(10_000);
    expect(waitMs).toBeLessThanOrEqual(15_000);
  });

  it("is not ours where no file names it and the key may not read it", async () => {
    const { agentWatch, inbox } = looks.world.services;
    await inbox.accept(tellingOf("stranger"));
    expect(await agentWatch.seenAgents(10)).toEqual(["stranger"]);
    const { url: baseUrl } = looks.world.sandbox;
    const gateway = connectGateway({ baseUrl, dialect: "rest", keyFor: oneKey(`sandbox-agent-${AGENT}`) });
    const job = { look: "agent", agentId: "stranger", everyMs: 0 } as const;
    expect(await looks.run(job, { gateway })).toMatchObject({ answer: "not-ours" });
    await gateway.close();
    await inbox.accept(tellingOf("stranger"));
    expect(await agentWatch.seenAgents(10)).toEqual([]);
  });
});

describe("two looks", () => {
  it("at one agent at a time are one, and so are two in a row", async () => {
    looks = await openLooks();
    const answers = await Promise.all([looks.look(), looks.look(), looks.look()]);
    expect(answers.map(({ answer }) => answer).sort()).toEqual(["busy", "busy", "looked"]);
    expect(await looks.look(AGENT, 60_000)).toEqual({ answer: "too-soon" });
  });
});

async function cancelAsTheAgent(id: string): Promise<void> {
  const answer = await fetch(`${looks.world.sandbox.url}/v1/payments/escrows/${id}/cancel`, {
    method: "POST",
    headers: { authorization: `Bearer sandbox-agent-${AGENT}` },
  });
  expect(answer.status).toBe(200);
}
