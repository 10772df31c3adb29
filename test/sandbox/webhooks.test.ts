import { describe, expect, it } from "vitest";
import { verifyA2a, verifyStandard } from "../../src/greenhelix/signature.ts";
import { type OpenSandbox, openReceiver, openSandbox, placeAgent, tail } from "./open-sandbox.ts";

const path = "/v1/infra/webhooks";
const registration = (url: string, types: string[]) => ({ url, events: types, secret: "hook-secret" });
const order = { payer: "buyer", payee: "seller", amount: "150" };

async function listening(
  types: string[],
  options: Parameters<typeof openSandbox>[0] = {},
  answer?: (nth: number) => number,
) {
  const sandbox = await openSandbox({ delivery: { attemptDelaysMs: [0, 20, 20] }, ...options });
  const receiver = await openReceiver(answer);
  await placeAgent(sandbox);
  const registered = await sandbox.agent("buyer")("POST", path, registration(receiver.url, types));
  return { sandbox, receiver, webhook: registered.body };
}

const deliveriesOf = async (sandbox: OpenSandbox, id: string) =>
  (await sandbox.agent("buyer")("GET", `${path}/${id}/deliveries`)).body.deliveries;

describe("registering a webhook", () => {
  it("echoes the secret, counts active as 1, and makes a second one when repeated", async () => {
    const { sandbox, webhook } = await listening(["budget_exceeded"]);
    expect(webhook).toMatchObject({
      id: expect.stringMatching(/^whk-[0-9a-f]{24}$/),
      secret: "hook-secret",
      active: 1,
      filter_agent_ids: null,
    });
    await sandbox.agent("buyer")("POST", path, registration("https://example.com/h", ["x"]));
    expect((await sandbox.agent("buyer")("GET", path)).body.webhooks).toHaveLength(2);
    expect((await sandbox.agent("other")("GET", path)).body.webhooks).toEqual([]);
  });

  it.each([
    [{ ...registration("http://example.com/h", ["x"]) }, 400],
    [{ ...registration("https://10.0.0.1/h", ["x"]) }, 400],
    [{ ...registration("https://example.com/h", ["x"]), secret: "" }, 422],
    [{ ...registration("https://example.com/h", ["x"]), event_types: ["x"] }, 422],
    [{ ...registration("https://example.com/h", ["x"]), agent_id: "buyer" }, 422],
  ])("refuses %j with %i", async (body, status) => {
    const sandbox = await openSandbox();
    expect((await sandbox.agent("buyer")("POST", path, body)).status).toBe(status);
  });

  it("is undone by its owner alone, admin or not", async () => {
    const { sandbox, webhook } = await listening(["x"]);
    expect((await sandbox.admin("DELETE", `${path}/${webhook.id}`)).status).toBe(403);
    expect((await sandbox.agent("buyer")("DELETE", `${path}/${webhook.id}`)).body).toEqual({ deleted: true });
    expect(tail(await sandbox.agent("buyer")("DELETE", `${path}/${webhook.id}`))).toBe("webhook-not-found");
  });
});

describe("a test ping", () => {
  it("is signed over the raw body as Python writes it, and says what the receiver answered", async () => {
    const { sandbox, receiver, webhook } = await listening(["never"]);
    const ping = await sandbox.agent("buyer")("POST", `${path}/${webhook.id}/test`);
    expect(ping.body).toEqual({ delivery_id: 1, status: "delivered", response_code: 204 });
    const { body, headers } = (await receiver.count(1))[0]!;
    expect(body).toMatch(
      /^\{"type": "test\.ping", "webhook_id": "whk-[0-9a-f]{24}", "timestamp": [\d.]+, "message": "/,
    );
    expect(verifyA2a(["hook-secret"], body, String(headers["x-a2a-signature"]))).toEqual({ ok: true, secretIndex: 0 });
  });

  it("is 200 and stays pending when the receiver fails", async () => {
    const { sandbox, webhook } = await listening(["never"], {}, () => 500);
    const ping = await sandbox.agent("buyer")("POST", `${path}/${webhook.id}/test`);
    expect([ping.status, ping.body]).toEqual([200, { delivery_id: 1, status: "pending", response_code: 500 }]);
  });

  it("does not follow a redirect", async () => {
    const { sandbox, webhook } = await listening(["never"], {}, () => 302);
    expect((await sandbox.agent("buyer")("POST", `${path}/${webhook.id}/test`)).body).toMatchObject({
      status: "pending",
      response_code: 302,
    });
  });
});

describe("an escrow that changes state", () => {
  it("is told to whoever registered for it, with both statuses", async () => {
    const { sandbox, receiver } = await listening(["escrow_state_change"]);
    const { id } = (await sandbox.agent("buyer")("POST", "/v1/payments/escrows", order)).body;
    await receiver.count(1);
    await sandbox.agent("buyer")("POST", `/v1/payments/escrows/${id}/cancel`);
    const [created, cancelled] = (await receiver.count(2)).map(({ body }) => JSON.parse(body));
    expect(created).toEqual({
      id: expect.stringMatching(/^evt_/),
      event_type: "escrow_state_change",
      agent_id: "buyer",
      timestamp: expect.any(Number),
      payload: {
        escrow_id: id,
        payer: "buyer",
        payee: "seller",
        amount: "150.00",
        status: "held",
        previous_status: null,
      },
    });
    expect(cancelled.payload).toMatchObject({ status: "refunded", previous_status: "held" });
  });

  it("is signed as Standard Webhooks where that scheme was chosen", async () => {
    const sandbox = await openSandbox();
    const receiver = await openReceiver();
    await placeAgent(sandbox);
    const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
    const webhook = { url: receiver.url, eventTypes: ["escrow_state_change"], secret, scheme: "standard" };
    expect((await sandbox.control("POST", "/webhooks", webhook)).status).toBe(201);
    await sandbox.agent("buyer")("POST", "/v1/payments/escrows", order);
    const { body, headers } = (await receiver.count(1))[0]!;
    const signed = {
      id: String(headers["webhook-id"]),
      timestamp: String(headers["webhook-timestamp"]),
      signature: String(headers["webhook-signature"]),
    };
    expect(signed.id).toBe(JSON.parse(body).id);
    expect(verifyStandard([secret], signed, body, Date.now())).toEqual({ ok: true, secretIndex: 0 });
    expect(headers["x-a2a-signature"]).toBeUndefined();
  });

  it("is kept from a webhook whose filter names other agents", async () => {
    const { sandbox, receiver } = await listening(["reputation_change"]);
    const filtered = { ...registration(receiver.url, ["escrow_state_change"]), filter_agent_ids: ["nobody"] };
    await sandbox.agent("buyer")("POST", path, filtered);
    await sandbox.agent("buyer")("POST", "/v1/payments/escrows", order);
    await sandbox.control("PUT", "/agents/buyer/reputation", { score: 0.5 });
    const [only] = await receiver.count(1);
    expect(JSON.parse(only!.body).event_type).toBe("reputation_change");
    expect((await sandbox.control("GET", "/deliveries")).body.deliveries).toHaveLength(1);
  });
});

describe("fees that cross a threshold", () => {
  it("are told once at each of alert threshold, 95 % and 100 %", async () => {
    const { sandbox, receiver } = await listening(["budget_threshold"]);
    await placeAgent(sandbox, { dailyCap: "9", monthlyCap: "1000" });
    const spend = (amount: string) => sandbox.agent("buyer")("POST", "/v1/payments/escrows", { ...order, amount });
    for (const amount of ["400", "80", "40", "60", "20"]) await spend(amount);
    const told = (await receiver.count(3)).map(({ body }) => JSON.parse(body).payload);
    const byShare = told.sort((a, b) => a.utilization_pct - b.utilization_pct);
    expect(byShare.map((payload) => [payload.threshold_pct, payload.utilization_pct])).toEqual([
      [80, 80],
      [95, 96.67],
      [100, 100],
    ]);
    expect((await sandbox.control("GET", "/deliveries")).body.deliveries).toHaveLength(3);
    expect(byShare[0]).toMatchObject({ window: "daily", daily_limit: "9.00", daily_spent: "7.20" });
  });
});

describe("a reputation that drops", () => {
  it("is told with the change from 0 to 1 that the seeds read", async () => {
    const { sandbox, receiver } = await listening(["reputation_change"], {});
    await sandbox.control("PUT", "/agents/buyer/reputation", { score: 0.9 });
    await sandbox.control("PUT", "/agents/buyer/reputation", { score: 0.5 });
    const events = (await receiver.count(2)).map(({ body }) => JSON.parse(body).payload);
    expect(events).toContainEqual({ previous_score: 0.9, new_score: 0.5, score_delta: -0.4 });
  });
});

describe("a receiver that fails", () => {
  it("is tried three times in all, with the same bytes", async () => {
    const { sandbox, receiver, webhook } = await listening(["escrow_state_change"], {}, (nth) => (nth < 3 ? 500 : 204));
    await sandbox.agent("buyer")("POST", "/v1/payments/escrows", order);
    const bodies = (await receiver.count(3)).map(({ body }) => body);
    expect(new Set(bodies).size).toBe(1);
    await expect
      .poll(async () => (await deliveriesOf(sandbox, webhook.id))[0])
      .toMatchObject({ status: "delivered", attempts: 3, response_code: 204 });
  });

  it("is given up on after the third", async () => {
    const { sandbox, webhook } = await listening(["escrow_state_change"], {}, () => 503);
    await sandbox.agent("buyer")("POST", "/v1/payments/escrows", order);
    await expect
      .poll(async () => (await deliveriesOf(sandbox, webhook.id))[0])
      .toMatchObject({ status: "failed", attempts: 3, response_code: 503 });
  });
});

describe("delivery that is tampered with over the admin route", () => {
  it("is silent when switched off, as the real one is", async () => {
    const { sandbox } = await listening(["escrow_state_change"]);
    await sandbox.control("PUT", "/delivery", { enabled: false });
    await sandbox.agent("buyer")("POST", "/v1/payments/escrows", order);
    expect((await sandbox.control("GET", "/deliveries")).body.deliveries).toEqual([]);
  });

  it("passes only the types that are named", async () => {
    const { sandbox, receiver } = await listening(["escrow_state_change", "reputation_change"]);
    await sandbox.control("PUT", "/delivery", { types: ["reputation_change"] });
    await sandbox.agent("buyer")("POST", "/v1/payments/escrows", order);
    await sandbox.control("PUT", "/agents/buyer/reputation", { score: 0.5 });
    expect(JSON.parse((await receiver.count(1))[0]!.body).event_type).toBe("reputation_change");
  });

  it("comes five times out of order, every copy under one id", async () => {
    let draws = 0; // One for each copy: the five of the first event wait longest.
    const { sandbox, receiver } = await listening(["escrow_state_change"], { random: () => (draws++ < 5 ? 0.95 : 0) });
    await sandbox.control("PUT", "/delivery", { duplicates: 4, shuffle: true, delayMs: 300 });
    const first = (await sandbox.agent("buyer")("POST", "/v1/payments/escrows", order)).body.id;
    await sandbox.agent("buyer")("POST", `/v1/payments/escrows/${first}/cancel`);
    const events = (await receiver.count(10)).map(({ body }) => JSON.parse(body));
    expect(new Set(events.map((event) => event.id)).size).toBe(2);
    expect(events.map((event) => event.payload.status)).toEqual([
      ...Array(5).fill("refunded"),
      ...Array(5).fill("held"),
    ]);
  });

  it("tells of things that did not happen when asked to", async () => {
    const { sandbox, receiver } = await listening(["budget_threshold"]);
    await sandbox.control("POST", "/announce", {
      eventType: "budget_threshold",
      agentId: "ghost",
      payload: { utilization_pct: 97 },
    });
    expect(JSON.parse((await receiver.count(1))[0]!.body)).toMatchObject({
      agent_id: "ghost",
      payload: { utilization_pct: 97 },
    });
  });
});
