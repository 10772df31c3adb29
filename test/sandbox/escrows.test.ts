import { describe, expect, it } from "vitest";
import { type OpenSandbox, openSandbox, placeAgent, tail } from "./open-sandbox.ts";

const cancelPath = (id: string) => `/v1/payments/escrows/${id}/cancel`;
const refundsOf = async (sandbox: OpenSandbox, id: string) => (await sandbox.control("GET", "/state")).body.refunds[id];

describe("a new escrow", () => {
  it("answers 201 with its address and an amount in the gateway's own spelling", async () => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox);
    const made = await sandbox.agent("buyer")("POST", "/v1/payments/escrows", {
      payer: "buyer",
      payee: "seller",
      amount: 150,
      timeout_hours: 2,
    });
    expect(made.status).toBe(201);
    expect(made.body).toEqual({ id: expect.any(String), status: "held", amount: "150.0", currency: "CREDITS" });
    expect(made.headers.get("location")).toBe(`/v1/payments/escrows/${made.body.id}`);
    const listed = (await sandbox.agent("buyer")("GET", "/v1/payments/escrows?agent_id=buyer")).body.escrows[0];
    expect(listed).toMatchObject({
      amount: "150.00",
      status: "held",
      settlement_id: null,
      metadata: { currency: "CREDITS" },
    });
    expect(listed.created_at).toMatch(/^\d{4}-.*\+00:00$/);
    expect(listed.timeout_at).toBeTypeOf("number");
  });

  it.each([{ amount: "0" }, { amount: "1.234" }, { amount: -5 }, { payee: "-x" }, { idempotency_key: "k" }])(
    "is refused with 422 for %j",
    async (change) => {
      const sandbox = await openSandbox();
      await placeAgent(sandbox);
      const refused = await sandbox.agent("buyer")("POST", "/v1/payments/escrows", {
        payer: "buyer",
        payee: "seller",
        amount: "150",
        ...change,
      });
      expect([refused.status, tail(refused)]).toEqual([422, "validation-error"]);
    },
  );

  it("is the one made before when the Idempotency-Key is repeated, with the fee charged again", async () => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox, { balance: "1000" });
    const create = () =>
      sandbox.agent("buyer")(
        "POST",
        "/v1/payments/escrows",
        { payer: "buyer", payee: "seller", amount: "150" },
        { "idempotency-key": "k1" },
      );
    const [first, second] = [await create(), await create()];
    expect(second.body.id).toBe(first.body.id);
    expect((await sandbox.agent("buyer")("GET", "/v1/billing/wallets/buyer/balance")).body.balance).toBe("845.50");
  });
});

describe("a list of 60 held escrows", () => {
  it("shows 50 at once, newest first, and counts only the page", async () => {
    const sandbox = await openSandbox();
    const ids = await placeAgent(sandbox, {}, 60);
    const list = (query: string) => sandbox.agent("buyer")("GET", `/v1/payments/escrows?agent_id=buyer${query}`);
    const first = await list("");
    expect(first.body.count).toBe(50);
    expect(first.body.escrows[0].id).toBe(ids.at(-1));
    expect((await list("&offset=50")).body.count).toBe(10);
    expect((await list("&limit=-1")).body.count).toBe(60);
    expect((await list("&status=funded")).body.count).toBe(0);
  });

  it("mixes in rows the agent is payee of, and shifts under a filter while it is worked off", async () => {
    const sandbox = await openSandbox();
    const [oldest] = await placeAgent(sandbox, {}, 2);
    await placeAgent(sandbox, { agentId: "other" });
    await sandbox.control("POST", "/escrows", { payer: "other", payee: "buyer", amount: "5" });
    const buyer = sandbox.agent("buyer");
    const held = () => buyer("GET", "/v1/payments/escrows?agent_id=buyer&status=held");
    expect((await held()).body.escrows.map((row: { payer: string }) => row.payer)).toEqual(["other", "buyer", "buyer"]);
    await buyer("POST", cancelPath(oldest!));
    expect((await held()).body.count).toBe(2);
  });

  it("is not shown to another agent", async () => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox, {}, 1);
    expect((await sandbox.agent("seller")("GET", "/v1/payments/escrows?agent_id=buyer")).status).toBe(403);
  });
});

describe("a cancelled escrow", () => {
  it("gives the principal back and keeps the fee", async () => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox, { balance: "1000" });
    const buyer = sandbox.agent("buyer");
    const { id } = (await buyer("POST", "/v1/payments/escrows", { payer: "buyer", payee: "seller", amount: "150" }))
      .body;
    expect((await buyer("POST", cancelPath(id))).body).toEqual({ id, status: "refunded", amount: "150.0" });
    expect((await buyer("GET", "/v1/billing/wallets/buyer/balance")).body.balance).toBe("997.75");
  });

  it("is 409 when cancelled again without an Idempotency-Key and 200 with any", async () => {
    const sandbox = await openSandbox();
    const [id] = await placeAgent(sandbox, {}, 1);
    const buyer = sandbox.agent("buyer");
    await buyer("POST", cancelPath(id!));
    const again = await buyer("POST", cancelPath(id!));
    expect([again.status, tail(again)]).toEqual([409, "invalid-state"]);
    expect((await buyer("POST", cancelPath(id!), undefined, { "idempotency-key": "any" })).status).toBe(200);
    expect(await refundsOf(sandbox, id!)).toBe(1);
  });

  it("is not for the payee to cancel", async () => {
    const sandbox = await openSandbox();
    const [id] = await placeAgent(sandbox, {}, 1);
    expect((await sandbox.agent("seller")("POST", cancelPath(id!))).status).toBe(403);
    expect(tail(await sandbox.agent("seller")("POST", cancelPath("esc-none")))).toBe("escrow-not-found");
  });
});

describe("four cancels of one escrow that overlap", () => {
  it("pay 150 back four times, and the state says so", async () => {
    const sandbox = await openSandbox({ cancelPause: { beforeRefundMs: 150 } });
    const [id] = await placeAgent(sandbox, { balance: "150" }, 1);
    const answers = await Promise.all([1, 2, 3, 4].map(() => sandbox.agent("buyer")("POST", cancelPath(id!))));
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200]);
    const state = (await sandbox.control("GET", "/state")).body;
    expect(state.wallets.buyer).toBe("600.00");
    expect(state.refunds[id!]).toBe(4);
    expect(state.doubleRefunds).toEqual([id]);
  });
});

describe("a release", () => {
  it("may be done by the payee, even while the payer is frozen in cap and wallet", async () => {
    const sandbox = await openSandbox();
    const [id] = await placeAgent(sandbox, { dailyCap: "0", monthlyCap: "0" }, 1);
    await sandbox.admin("POST", "/v1/billing/wallets/buyer/freeze");
    const released = await sandbox.agent("seller")("POST", `/v1/payments/escrows/${id}/release`);
    expect(released.body).toEqual({ id: expect.stringMatching(/^stl-/), status: "settled", amount: "150.0" });
    expect((await sandbox.agent("seller")("GET", "/v1/billing/wallets/seller/balance")).body.balance).toBe("150.00");
    expect((await sandbox.admin("POST", cancelPath(id!))).status).toBe(409);
  });
});

describe("a frozen wallet", () => {
  it("can only be frozen by an admin", async () => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox);
    const refused = await sandbox.agent("buyer")("POST", "/v1/billing/wallets/buyer/freeze");
    expect([refused.status, tail(refused)]).toEqual([403, "admin-only"]);
    expect((await sandbox.admin("POST", "/v1/billing/wallets/buyer/freeze")).body).toEqual({
      agent_id: "buyer",
      frozen: true,
    });
  });

  it("takes no refund either: cancels of a frozen payer fail until it is unfrozen", async () => {
    const sandbox = await openSandbox();
    const [id] = await placeAgent(sandbox, {}, 1);
    await sandbox.admin("POST", "/v1/billing/wallets/buyer/freeze");
    const refused = await sandbox.admin("POST", cancelPath(id!));
    expect([refused.status, tail(refused)]).toEqual([403, "wallet-frozen"]);
    expect(await refundsOf(sandbox, id!)).toBeUndefined();
    await sandbox.admin("POST", "/v1/billing/wallets/buyer/unfreeze");
    expect((await sandbox.admin("POST", cancelPath(id!))).status).toBe(200);
  });
});

describe("an escrow past its timeout", () => {
  it("goes back to the payer as expired", async () => {
    let nowMs = 1_790_000_000_000;
    const sandbox = await openSandbox({ now: () => nowMs });
    await placeAgent(sandbox, { balance: "150" });
    await sandbox.control("POST", "/escrows", { payer: "buyer", payee: "seller", amount: "150", timeoutHours: 1 });
    expect((await sandbox.control("POST", "/expire")).body.expired).toBe(0);
    nowMs += 3_600_000;
    expect((await sandbox.control("POST", "/expire")).body.expired).toBe(1);
    expect((await sandbox.control("GET", "/state")).body).toMatchObject({
      wallets: { buyer: "150.00" },
      escrows: { expired: 1 },
    });
  });

  it("waits, with all behind it, while its payer is frozen", async () => {
    const sandbox = await openSandbox();
    await placeAgent(sandbox);
    await placeAgent(sandbox, { agentId: "other" });
    for (const payer of ["buyer", "other"])
      await sandbox.control("POST", "/escrows", { payer, payee: "seller", amount: "1", timeoutHours: 0 });
    await sandbox.admin("POST", "/v1/billing/wallets/buyer/freeze");
    expect((await sandbox.control("POST", "/expire")).status).toBe(403);
    expect((await sandbox.control("GET", "/state")).body.escrows.held).toBe(2);
  });
});

describe("two agents on one wallet", () => {
  it("spend the same money", async () => {
    const sandbox = await openSandbox();
    await sandbox.control("POST", "/agents", [
      { agentId: "a", walletId: "pool", balance: "200" },
      { agentId: "b", walletId: "pool" },
    ]);
    await sandbox.control("POST", "/escrows", { payer: "a", payee: "seller", amount: "150" });
    expect((await sandbox.agent("b")("GET", "/v1/billing/wallets/b/balance")).body.balance).toBe("50.00");
  });
});
