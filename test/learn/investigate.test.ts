import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { admitActivity } from "../../src/detect/admit-activity.ts";
import { readStored } from "../../src/detect/event.ts";
import type { Gateway } from "../../src/incident/gateway.ts";
import { money } from "../../src/incident/money.ts";
import { investigate } from "../../src/learn/investigate.ts";
import { keys } from "../../src/redis/keys.ts";
import { readSettings } from "../../src/settings/settings.ts";
import { openRequest } from "../redis/open-request.ts";
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
    expect(evidence.events).toEqual(["evt-0-1"]);
    expect((await stores.incidents.load(id))!.openedAt - since).toBe(3_600_000);
  });

  it("says of what nobody would tell that it is unknown, and why; the rest is there", async () => {
    const id = await open();
    const readIdentity = () => Promise.reject(new Error("no answer within 5000 ms"));
    expect(await take(id, answering({ readIdentity }))).toEqual({ answer: "taken", unknown: ["identity"] });
    expect(await kept(id)).toMatchObject({
      identity: { unknown: "no answer within 5000 ms" },
      balance: { known: { balance: "99.10" } },
    });
    const { timeline } = (await stores.incidents.view(id))!;
    expect(timeline.at(-1)).toMatchObject({
      phase: "learn",
      what: "evidence-taken",
      detail: { unknown: ["identity"] },
    });
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
