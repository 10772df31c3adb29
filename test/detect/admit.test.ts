import { describe, expect, it } from "vitest";
import { admit } from "../../src/detect/admit.ts";
import type { Delivery, Inbox } from "../../src/incident/inbox.ts";
import { readSettings, type Settings } from "../../src/settings/settings.ts";

const settings = readSettings(undefined, {});

/** Takes everything and shows what it was given; what the real inbox does is tested over Redis. */
async function offer(body: unknown, own: { settings?: Settings; signedId?: string } = {}) {
  const taken: Delivery[] = [];
  const inbox: Pick<Inbox, "accept"> = {
    accept: async (delivery) => {
      taken.push(delivery);
      return { eventId: "evt-0-1", duplicate: false, receivedAt: 1 };
    },
  };
  const rawBody = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  const admission = await admit(
    { inbox, settings: own.settings ?? settings },
    { rawBody, source: "webhook", signedId: own.signedId ?? null },
  );
  return { admission, delivery: taken[0] };
}
const budget = (utilization: number, more = {}) => ({
  event_type: "budget_threshold",
  agent_id: "agent-1",
  payload: { utilization_pct: utilization },
  ...more,
});
const identity = async (body: unknown, signedId?: string) =>
  (await offer(body, signedId ? { signedId } : {})).delivery?.identity;

describe("what follows an event", () => {
  it("is a freeze where the event alone proves what policy contains, with the verdict that says why", async () => {
    const { admission, delivery } = await offer(budget(97));
    expect(admission).toEqual({ answer: "accepted", eventId: "evt-0-1", receivedAt: 1 });
    expect(delivery).toMatchObject({
      next: "freeze",
      decided: null,
      agentId: "agent-1",
      type: "budget_threshold",
      raw: JSON.stringify(budget(97)),
    });
    expect(delivery?.verdicts).toMatchObject([
      {
        decidedBy: "default policy: critical -> auto-contain",
        signal: { kind: "budget-exhaustion", severity: "critical", why: { events: [] } },
      },
    ]);
  });

  it("is correlation where it does not", async () => {
    expect((await offer(budget(94))).delivery).toMatchObject({ next: "correlate", decided: null, verdicts: [] });
  });

  it("is what the policy and the agent's own thresholds say", async () => {
    const lenient = readSettings("policy:\n  - { severity: critical, tier: alert-human }\n", {});
    expect((await offer(budget(97), { settings: lenient })).delivery?.next).toBe("correlate");
    const strict = readSettings(
      "thresholds:\n  agents:\n    agent-1: { budgetExhaustionPct: 60, budgetWarningPct: 50 }\n",
      {},
    );
    expect((await offer(budget(61), { settings: strict })).delivery?.next).toBe("freeze");
    expect((await offer({ ...budget(61), agent_id: "agent-2" }, { settings: strict })).delivery?.next).toBe(
      "correlate",
    );
  });

  it("is nothing for a ping and for a type nobody judges: both are stored as ignored", async () => {
    expect((await offer({ type: "test.ping", webhook_id: "whk-1" })).delivery).toMatchObject({
      next: null,
      decided: { disposition: "ignored", reason: "test-ping" },
    });
    expect((await offer({ type: "billing.deposit", payload: "?" })).delivery).toMatchObject({
      next: null,
      decided: { disposition: "ignored", reason: "unknown-type" },
      agentId: null,
    });
  });
});

describe("an event that cannot be read", () => {
  it("is not stored, and what is wrong with it is named", async () => {
    expect(await offer("{")).toEqual({
      admission: { answer: "malformed", mistakes: [expect.objectContaining({ field: "body" })] },
      delivery: undefined,
    });
    expect(await offer({ type: "budget_exceeded" })).toEqual({
      admission: { answer: "invalid", mistakes: [expect.objectContaining({ field: "agent_id" })] },
      delivery: undefined,
    });
  });
});

describe("a body that is no UTF-8", () => {
  it("is malformed, and not stored with its bytes replaced", async () => {
    const body = Buffer.concat([Buffer.from('{"type":"x'), Buffer.from([0xff]), Buffer.from('"}')]);
    expect(await offer(body)).toMatchObject({ admission: { answer: "malformed" }, delivery: undefined });
  });
});

describe("what makes two deliveries the same one", () => {
  it("is the signed id, whatever the body says", async () => {
    expect(await identity(budget(97, { id: 1 }), "msg_1")).toEqual(await identity(budget(96, { id: 2 }), "msg_1"));
    expect(await identity(budget(97), "msg_1")).not.toEqual(await identity(budget(97), "msg_2"));
  });

  it("is the sender's id with type, agent and integrity hash, never the id alone", async () => {
    const first = await identity(budget(97, { id: 7 }));
    expect(first?.by).toBe("id");
    expect(await identity(budget(99, { id: "7" }))).toEqual(first);
    expect(await identity({ ...budget(97, { id: 7 }), agent_id: "agent-2" })).not.toEqual(first);
    expect(await identity({ ...budget(97, { id: 7 }), event_type: "budget_exceeded" })).not.toEqual(first);
    expect(await identity(budget(97, { id: 7, integrity_hash: "ab" }))).not.toEqual(first);
    expect(await identity(budget(97, { id: 7, timestamp: 1_795_000_000 }))).not.toEqual(first);
  });

  it("is the body where the sender gives no id", async () => {
    const first = await identity(budget(97));
    expect(first?.by).toBe("body");
    expect(await identity(budget(97))).toEqual(first);
    expect(await identity(budget(98))).not.toEqual(first);
  });

  it("is not the escrow's id: an escrow has many events", async () => {
    const flat = { type: "escrow_state_change", id: "esc-1", payer: "p", amount: "1.00" };
    expect(await identity({ ...flat, status: "held" })).not.toEqual(await identity({ ...flat, status: "refunded" }));
    expect((await identity({ ...flat, escrow_id: "esc-1", id: 9, status: "held" }))?.by).toBe("id");
  });
});
