import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { signStandard } from "../../src/greenhelix/signature.ts";
import { keys } from "../../src/redis/keys.ts";
import { type Api, budgetEvent, nativeHeaders, OLD_SECRET, openApi, SECRET, standardHeaders } from "./api.ts";

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
beforeEach(async () => {
  await api.services.redis.flushdb();
});
afterAll(() => api.close());

describe("a webhook signed by the gateway", () => {
  it.each(["/webhooks/greenhelix", "/incidents/webhook"])(
    "is stored as received and queued before %s answers 202",
    async (path) => {
      const raw = JSON.stringify(budgetEvent(97));
      const { status, body } = await api.post(raw, { path });
      expect([status, body]).toEqual([
        202,
        { eventId: expect.stringMatching(/^evt-0-[0-9a-f]+$/), status: "accepted" },
      ]);
      const stored = await api.services.inbox.load(String(body.eventId));
      expect(stored).toMatchObject({ raw, type: "budget_threshold", agentId: "agent-1", disposition: null });
      expect(stored?.verdicts).toMatchObject([{ signal: { kind: "budget-exhaustion" } }]);
      const job = await api.services.queues.of("freeze", 0).getJob(String(body.eventId));
      expect(job?.data).toMatchObject({ eventId: body.eventId, agentId: "agent-1" });
    },
  );

  it("is taken with every active secret, in both schemes, so that secrets can be rotated", async () => {
    for (const [index, secret] of [SECRET, OLD_SECRET].entries()) {
      const raw = JSON.stringify(budgetEvent(50, { id: index }));
      expect((await api.post(raw, { headers: nativeHeaders(raw, secret) })).status).toBe(202);
      expect((await api.post(raw, { headers: standardHeaders(raw, `msg_${index}`, secret) })).status).toBe(202);
    }
    expect((await api.stored()).stats.accepted).toBe(4);
  });

  it("is taken when one of several signatures is ours", async () => {
    const raw = JSON.stringify(budgetEvent());
    const headers = standardHeaders(raw);
    const foreign = signStandard("somebody-elses-secret", "msg_1", Number(headers["webhook-timestamp"]), raw);
    const signatures = `v1a,xyz ${foreign} ${headers["webhook-signature"]}`;
    expect((await api.post(raw, { headers: { ...headers, "webhook-signature": signatures } })).status).toBe(202);
  });
});

describe("every form in which an event may come", () => {
  const escrow = { payee: "shop", amount: "150.00", status: "held" };
  it.each([
    ["the seed's", budgetEvent(81), "agent-1"],
    [
      "the bus row",
      {
        id: 7,
        event_type: "budget_threshold",
        source: "agent-2",
        payload: { utilization_pct: "81" },
        integrity_hash: "ab",
        created_at: "2026-01-02T03:04:05",
      },
      "agent-2",
    ],
    ["flat with type", { type: "budget_exceeded", agent_id: "agent-3", timestamp: 1.7e9 }, "agent-3"],
    [
      "agent in the payload",
      { type: "reputation_change", payload: { agent_id: "agent-4", score_delta: -0.2 } },
      "agent-4",
    ],
    [
      "agent as payer",
      { event_type: "escrow_state_change", payload: { ...escrow, id: "esc-1", payer: "agent-5" } },
      "agent-5",
    ],
    [
      "agent as payer_id",
      {
        event_type: "escrow_state_change",
        agent_id: "shop",
        payload: { ...escrow, escrow_id: "esc-1", payer_id: "agent-6" },
      },
      "agent-6",
    ],
    [
      "agent as payee only",
      { event_type: "escrow_timeout", payload: { escrow_id: "esc-1", payee: "agent-7" } },
      "agent-7",
    ],
  ])("%s is accepted and finds its agent", async (_, event, agentId) => {
    const { status, body } = await api.post(event);
    expect(status).toBe(202);
    expect(await api.services.inbox.load(String(body.eventId))).toMatchObject({ agentId, disposition: null });
  });

  it.each([
    ["a test ping", { type: "test.ping", webhook_id: "whk-1", timestamp: 1.7e9, message: "Test ping" }, "test-ping"],
    ["a type nobody judges", { event_type: "billing.deposit", payload: "anything" }, "unknown-type"],
  ])("%s is stored, counted and triggers nothing", async (_, event, reason) => {
    const { status, body } = await api.post(event);
    expect(status).toBe(202);
    expect(await api.services.inbox.load(String(body.eventId))).toMatchObject({ disposition: "ignored", reason });
    const { stats, jobs } = await api.stored();
    expect(stats).toMatchObject({ accepted: 1, pending: 0, dispositions: { ignored: 1 } });
    expect(jobs).toBe(0);
  });
});

describe("a webhook that comes again", () => {
  const raw = JSON.stringify(budgetEvent(97, { id: 12 }));

  it("is answered 202 with the same event id, and has no second effect", async () => {
    const first = await api.post(raw);
    const again = await Promise.all([api.post(raw), api.post(raw), api.post(raw)]);
    for (const { status, body } of again)
      expect([status, body]).toEqual([202, { eventId: first.body.eventId, status: "duplicate" }]);
    const { stats, jobs } = await api.stored();
    expect(stats).toMatchObject({ accepted: 4, pending: 1, dispositions: { duplicate: 3 } });
    expect(jobs).toBe(1);
  });

  it("is the same by the sender's id, by its signed id, or by its bytes where it gives none", async () => {
    const status = async (body: string, headers?: Record<string, string>) =>
      (await api.post(body, headers ? { headers } : {})).body.status;
    expect(await status(JSON.stringify(budgetEvent(97, { id: 1 })))).toBe("accepted");
    expect(await status(JSON.stringify(budgetEvent(98, { id: 1 })))).toBe("duplicate");
    const [one, two] = [JSON.stringify(budgetEvent(96)), JSON.stringify(budgetEvent(95))];
    expect(await status(one, standardHeaders(one, "msg_a"))).toBe("accepted");
    expect(await status(two, standardHeaders(two, "msg_a"))).toBe("duplicate");
    expect([await status(one), await status(one)]).toEqual(["accepted", "duplicate"]);
  });

  it("is acted on again after the agent was released: a duplicate never shields a loose agent", async () => {
    const first = await api.post(raw);
    await api.services.redis.hincrby(keys.agent(0, "agent-1"), "epoch", 1);
    const later = await api.post(raw);
    expect(later.body.status).toBe("accepted");
    expect(later.body.eventId).not.toBe(first.body.eventId);
    expect((await api.stored()).jobs).toBe(2);
  });
});

describe("with no secret configured", () => {
  it("refuses every webhook, and the log says which variable is missing", async () => {
    const closed = await openApi({ secrets: [] });
    try {
      expect((await closed.post(budgetEvent())).status).toBe(401);
      expect(closed.lines.join("\n")).toContain("GREENHELIX_WEBHOOK_SECRETS is not set");
    } finally {
      await closed.close();
    }
  });
});
