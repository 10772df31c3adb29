import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { admitActivity } from "../../src/detect/admit-activity.ts";
import { readStored } from "../../src/detect/event.ts";
import { TourniquetError } from "../../src/errors.ts";
import type { Gateway } from "../../src/incident/gateway.ts";
import { money } from "../../src/incident/money.ts";
import { investigate } from "../../src/learn/investigate.ts";
import { told as toldOf, unknownSources } from "../../src/learn/post-mortem/evidence.ts";
import { keys } from "../../src/redis/keys.ts";
import { readSettings } from "../../src/settings/settings.ts";
import { aSignal, openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { anEscrow } from "../runbooks/escrow-gateway.ts";
import { silent } from "../runbooks/step-ports.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(() => stores.redis.flushdb().then(() => undefined));

let since = 0;
const answering = (more: Record<string, unknown> = {}): Gateway =>
  ({
    readIdentity: async () => ({ agentId: "agent-7", publicKey: "ab", raw: {} }),
    readClaimChains: async () => [{ root: "1" }],
    readClaims: async () => [],
    readReputation: async () => ({ score: undefined, raw: {} }),
    now: () => null,
    readBalance: async () => ({ balance: money("99.10") }),
    async *listEscrows() {
      yield [anEscrow("esc-1")];
      yield [anEscrow("esc-2", { amount: money("0.00000001") })];
    },
    async listTransactions(_agentId: string, sinceMs: number) {
      since = sinceMs;
      return [{ id: "1", amount: money("-150.00"), type: "withdrawal", description: "", createdAt: undefined }];
    },
    ...more,
  }) as unknown as Gateway;

const open = async () => (await stores.incidents.open(openRequest())).incidentId;
const take = (incidentId: string, gateway: Gateway, part: "at-containment" | "after" = "at-containment") =>
  investigate({ ...stores, gateway, log: silent, readEvent: readStored }, { incidentId, part });
/** The window of evidence of this incident closed long ago. */
const closeWindow = (incidentId: string) => stores.redis.hincrby(keys.incident(0, incidentId), "openedAt", -900_000);
/** The agent's own telemetry, taken in as the API does. */
const told = async (entries: Record<string, unknown>[], agentId = "agent-7") => {
  const rawBody = Buffer.from(JSON.stringify({ events: entries.map((entry) => ({ agent_id: agentId, ...entry })) }));
  const ports = { inbox: stores.inbox, settings: readSettings(undefined, {}) };
  expect(await admitActivity(ports as never, { rawBody, signedId: null })).toMatchObject({ answer: "taken" });
};
/** What was told of this tool came in so much earlier. */
const age = async (tool: string, ms: number) => {
  const telemetry = keys.telemetry(0, "agent-7");
  for (const id of await stores.redis.zrange(telemetry, "0", "-1"))
    if ((await stores.redis.hget(keys.event(0, id), "raw"))?.includes(tool))
      await stores.redis.zincrby(telemetry, String(-ms), id);
};
const kept = async (incidentId: string, part = "at-containment") =>
  JSON.parse((await stores.redis.hget(keys.evidence(0, incidentId), part))!);

describe("evidence taken at containment (F1)", () => {
  it("holds who the agent is, what it owns, owes and did, exactly, from an hour before", async () => {
    const id = await open();
    expect(await take(id, answering())).toEqual({ answer: "taken", unknown: [] });
    const evidence = await kept(id);
    expect(evidence.identity.known).toMatchObject({ publicKey: "ab" });
    expect(evidence.balance.known).toEqual({ balance: "99.10" });
    expect(evidence.escrows.known.map(({ amount }: { amount: string }) => amount)).toEqual(["150.00", "0.00000001"]);
    expect(evidence.transactions.known).toMatchObject([{ amount: "-150.00" }]);
    expect(evidence.claimChains.known).toEqual([{ root: "1" }]);
    expect(evidence.events).toEqual([{ id: "evt-0-1", unknown: "the inbox does not have it any more" }]);
    expect(evidence.window).toEqual({ fromMs: since, untilMs: since + 3_900_000 });
    expect((await stores.incidents.load(id))!.openedAt - since).toBe(3_600_000);
    expect(evidence.gatewayAheadMs).toBeNull();
  });

  it("says by how much the gateway's clock runs ahead of ours, as it was when it answered", async () => {
    const id = await open();
    await take(id, answering({ now: () => Date.now() + 300_000 }));
    expect(Math.round((await kept(id)).gatewayAheadMs / 60_000)).toBe(5);
  });

  it("ends five minutes after detection: what happened later is not part of it", async () => {
    const id = await open();
    const { openedAt } = (await stores.incidents.load(id))!;
    const row = (rowId: string, createdAt: number | undefined) => ({
      ...{ id: rowId, amount: money("-1.00"), type: "charge", description: "", createdAt },
    });
    const listTransactions = async () => [
      row("later", openedAt + 300_001),
      row("last", openedAt + 300_000),
      row("untimed", undefined),
    ];
    await told([{ event_type: "tool_call", payload: { tool_name: "search" } }]);
    await closeWindow(id);
    await take(id, answering(), "after");
    expect((await kept(id, "after")).activity.known).toEqual([]);
    await stores.redis.hincrby(keys.incident(0, id), "openedAt", 900_000);
    await take(id, answering({ listTransactions }));
    const { transactions, activity } = await kept(id);
    expect(transactions.known.map((one: { id: string }) => one.id)).toEqual(["last", "untimed"]);
    expect(activity.known).toHaveLength(1);
  });

  it("has an end: of a list that is longer the newest rows are kept, and the rest is counted", async () => {
    const id = await open();
    async function* listEscrows() {
      for (let page = 0; page < 6; page += 1)
        yield Array.from({ length: 1_000 }, (_, row) => anEscrow(`esc-${page * 1_000 + row}`));
    }
    await take(id, answering({ listEscrows }));
    const { escrows } = await kept(id);
    expect([escrows.known.length, escrows.leftOut, escrows.known.at(-1).id]).toEqual([5_000, 1_000, "esc-4999"]);
  });

  it("says of what nobody can tell that it is unknown, and why; the rest is there", async () => {
    const id = await open();
    const readIdentity = () => Promise.reject(new TourniquetError("gateway-refused", "no such agent"));
    expect(await take(id, answering({ readIdentity }))).toEqual({ answer: "taken", unknown: ["identity"] });
    expect(await kept(id)).toMatchObject({
      identity: { unknown: "no such agent", mayAnswer: false },
      balance: { known: { balance: "99.10" } },
    });
    const { timeline } = (await stores.incidents.view(id))!;
    expect(timeline.at(-1)).toMatchObject({
      phase: "learn",
      what: "evidence-taken",
      detail: { unknown: ["identity"] },
    });
  });

  it("asks a source that did not answer again while the window is open, and keeps what it says beside the rest", async () => {
    const id = await open();
    let asked = 0;
    const away = async () => {
      asked += 1;
      throw new TourniquetError("gateway-timeout", "no answer within 5000 ms");
    };
    const gateway = answering({ readIdentity: away, readBalance: away });
    await expect(take(id, gateway)).rejects.toMatchObject({
      code: "step-failed",
      message: expect.stringContaining("identity, balance"),
    });
    expect(await kept(id)).toMatchObject({ identity: { unknown: "no answer within 5000 ms" } });
    await expect(take(id, answering({ readBalance: away }))).rejects.toMatchObject({ code: "step-failed" });
    expect(await take(id, answering())).toEqual({ answer: "taken", unknown: [] });
    expect(asked).toBe(3);
    const parts = await stores.incidents.evidence(id);
    expect(parts["at-containment/identity"]).toMatchObject({ known: { publicKey: "ab" } });
    expect(toldOf(parts, "balance", "earliest")).toEqual({ part: "at-containment", known: { balance: "99.10" } });
    expect(unknownSources(parts)).toEqual([]);
    const notes = (await stores.incidents.view(id))!.timeline
      .map(({ what }) => what)
      .filter((what) => /^evid/.test(what));
    expect(notes).toEqual(["evidence-taken", "evidence-completed", "evidence-completed"]);
  });

  it("asks nobody any more when the window has closed: then what is unknown stays so", async () => {
    const id = await open();
    const readClaims = () => Promise.reject(new TourniquetError("gateway-timeout", "no answer within 5000 ms"));
    await closeWindow(id);
    expect(await take(id, answering({ readClaims }))).toEqual({ answer: "taken", unknown: ["claims"] });
    expect(unknownSources(await stores.incidents.evidence(id))).toEqual(["claims"]);
  });

  it("keeps the events that led to it, as received: the inbox forgets them", async () => {
    const body = '{"event_type":"budget_threshold","agent_id":"agent-7","payload":{"utilization_pct":97}}';
    const { eventId } = await stores.inbox.accept({
      ...{ raw: body, type: "budget_threshold", agentId: "agent-7", source: "webhook" },
      ...{ identity: { by: "body", value: "1" }, decided: null, next: null },
    });
    const { incidentId } = await stores.incidents.open(
      openRequest({ why: { ...aSignal().why, events: [eventId, "evt-0-gone"] } }),
    );
    await take(incidentId, answering());
    await stores.redis.del(keys.event(0, eventId));
    await take(incidentId, answering(), "after");
    const { events } = await kept(incidentId);
    expect(events).toEqual([
      expect.objectContaining({ id: eventId, type: "budget_threshold", source: "webhook", body }),
      { id: "evt-0-gone", unknown: "the inbox does not have it any more" },
    ]);
    expect((await kept(incidentId, "after")).events[0]).toEqual({ id: eventId, keptIn: "at-containment" });
  });

  it("stays as it was first taken; what is taken later stands beside it", async () => {
    const id = await open();
    await take(id, answering());
    const later = answering({ readBalance: async () => ({ balance: money("0.00") }) });
    await take(id, later);
    await take(id, later, "after");
    expect((await kept(id)).balance.known.balance).toBe("99.10");
    expect((await kept(id, "after")).balance.known.balance).toBe("0.00");
  });

  it("holds what the agent told of itself in the last hour, without the content", async () => {
    await told([
      { event_type: "tool_call", payload: { tool_name: "http_request", parameters: { body: "secret text" } } },
      { event_type: "error", payload: { code: "e1", message: "no" } },
    ]);
    const id = await open();
    await take(id, answering());
    const { activity, toolUse } = await kept(id);
    expect(activity.known).toHaveLength(2);
    expect(activity.known).toContainEqual(
      expect.objectContaining({
        kind: "tool-call",
        tool: "http_request",
        bodyBytes: 11,
        event: expect.stringMatching(/^evt-/),
      }),
    );
    expect(activity.known).toContainEqual(expect.objectContaining({ kind: "error", code: "e1" }));
    expect(JSON.stringify(activity)).not.toContain("secret text");
    expect(toolUse).toBeUndefined();
  });

  it("holds after an exfiltration which tools were called in 24 hours, how often, when, and what went out", async () => {
    const call = (tool: string, body: string) => ({
      event_type: "tool_call",
      payload: { tool_name: tool, parameters: { body } },
    });
    await told([call("read_secret", ""), call("http_request", "x".repeat(20)), call("http_request", "x".repeat(40))]);
    await age("read_secret", 24 * 3_600_000 - 60_000);
    await told([call("search", "")], "agent-8");
    const { incidentId } = await stores.incidents.open(openRequest({ kind: "data-exfiltration" }));
    await take(incidentId, answering());
    const { activity, toolUse } = await kept(incidentId);
    expect(toolUse.known).toMatchObject([
      { tool: "http_request", calls: 2, bodyBytes: 60, largestBodyBytes: 40 },
      { tool: "read_secret", calls: 1, bodyBytes: 0 },
    ]);
    expect(toolUse.known[0].lastAt).toBeGreaterThanOrEqual(toolUse.known[0].firstAt);
    expect(activity.known).toHaveLength(2);
    await age("read_secret", 120_000);
    await take(incidentId, answering(), "after");
    expect((await kept(incidentId, "after")).toolUse.known).toMatchObject([{ tool: "http_request" }]);
  });

  it("is nobody's where there is no incident", async () => {
    expect(await take("inc-0-none-1", answering())).toEqual({ answer: "no-incident", unknown: [] });
  });
});
