import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { admit } from "../../../src/detect/admit.ts";
import { correlate } from "../../../src/detect/correlate.ts";
import type { EventSource } from "../../../src/incident/event.ts";
import { until } from "../../support/until.ts";
import { type Looks, openLooks } from "./looks.ts";

let looks: Looks;
beforeEach(async () => {
  looks = await openLooks();
});
afterEach(() => looks.close());

const held = (agentId: string, escrowId: string) =>
  JSON.stringify({
    event_type: "escrow_state_change",
    agent_id: agentId,
    payload: { escrow_id: escrowId, payer: agentId, payee: "p", amount: "1.00", status: "held" },
  });
/** Stored as received, whatever it says, and worked. */
async function work(raw: string, source: EventSource, agentId: string | null = "a"): Promise<string> {
  const { services } = looks.world;
  const identity = { by: "id", value: `${source}${raw}` } as const;
  const type = "escrow_state_change";
  const delivery = { raw, type, agentId, source, identity, decided: null, next: "correlate" } as const;
  const { eventId } = await services.inbox.accept(delivery);
  await correlate(services, { eventId });
  return eventId;
}

const arrives = (rawBody: string, source: EventSource) =>
  admit(looks.world.services, { rawBody: Buffer.from(rawBody), source, signedId: null });

describe("an agent that a webhook or its own telemetry tells of", () => {
  it("is known and polled from then on, heard of last first, and one that only the bus or a poller names is not", async () => {
    const { agentWatch, clock } = looks.world.services;
    await arrives(held("older", "e1"), "webhook");
    const at = await clock.now();
    await until(async () => (await clock.now()) > at, "another millisecond");
    await arrives(JSON.stringify({ type: "tool_call", agent_id: "newer", tool_name: "search" }), "activity");
    await arrives(held("polled", "e3"), "poller");
    await arrives(held("forged", "e4"), "bus");
    expect(await agentWatch.seenAgents()).toEqual(["newer", "older"]);
    expect(await agentWatch.seenAgents(1)).toEqual(["newer"]);
    expect([...(await agentWatch.heardAt(["older", "newer", "forged"])).keys()]).toEqual(["older", "newer"]);
  });

  it("is known to have been told of by that webhook, and by nothing else", async () => {
    await arrives(held("a", "e1"), "webhook");
    await arrives(held("a", "e2"), "poller");
    const heard = await looks.world.services.agentWatch.heard("a", ["escrow:e1", "escrow:e2"]);
    expect([...heard]).toEqual(["escrow:e1"]);
  });

  it("is so by what sends it straight to a freeze, and by what nobody judges, before any worker ran", async () => {
    const { agentWatch, inbox } = looks.world.services;
    const drained = { event_type: "budget_threshold", agent_id: "drained", payload: { utilization_pct: 97 } };
    const admitted = await arrives(JSON.stringify(drained), "webhook");
    expect((await inbox.load("eventId" in admitted ? admitted.eventId : ""))?.verdicts).toHaveLength(1);
    await arrives(JSON.stringify({ event_type: "agent.renamed", agent_id: "renamed" }), "webhook");
    expect([...(await agentWatch.heardAt(["drained", "renamed"])).keys()]).toEqual(["drained", "renamed"]);
    // I8: that the webhook told of it is what keeps its poll from calling webhooks silent.
    expect([...(await agentWatch.heard("drained", ["budget"]))]).toEqual(["budget"]);
  });
});

describe("an accepted event that this version cannot read", () => {
  it("is kept in quarantine, and that nobody judged it is told of", async () => {
    const eventId = await work('{"event_type":"escrow_state_change","payload":{}}', "webhook", "a");
    expect(await looks.world.services.inbox.load(eventId)).toMatchObject({ disposition: "quarantined" });
    const [failure] = await looks.failures();
    expect(failure).toMatchObject({ agentId: "a", severity: "warning", why: { events: [eventId] } });
    expect(failure!.why.sentence).toMatch(/cannot read it/);
    await work('{"event_type":"escrow_state_change","payload":{"state":1}}', "webhook", null);
    expect((await looks.failures()).map(({ agentId }) => agentId)).toContain("tourniquet");
  });

  it("wakes a person", async () => {
    await work('{"event_type":"escrow_state_change","payload":{}}', "webhook", "a");
    const pages = await looks.world.services.queues.of("notification", 0).getWaiting();
    expect(pages.map(({ data }) => data)).toMatchObject([{ kind: "page", what: "signal", agentId: "a" }]);
  });
});
