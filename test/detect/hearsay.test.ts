import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { admit } from "../../src/detect/admit.ts";
import { correlate } from "../../src/detect/correlate.ts";
import type { EventSource } from "../../src/incident/event.ts";
import { readSettings } from "../../src/settings/settings.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { recordedDispatch, silent } from "../runbooks/step-ports.ts";

/** The gateway's bus: every key of every customer reads it and writes to it (greenhelix.md, trap 16). */

let stores: Stores;
let dispatch: ReturnType<typeof recordedDispatch>;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(async () => {
  await stores.redis.flushdb();
  dispatch = recordedDispatch();
});

const agentId = "agent-7";
let ids = 0;
const event = (event_type: string, payload: Record<string, unknown>) => {
  ids += 1;
  return { id: ids, event_type, source: "agent-9", payload: { agent_id: agentId, ...payload } };
};
async function tell(body: Record<string, unknown>, source: EventSource, settingsText?: string) {
  const settings = readSettings(settingsText, {});
  const arrival = { rawBody: Buffer.from(JSON.stringify(body)), source, signedId: null };
  const admission = await admit({ inbox: stores.inbox, settings }, arrival);
  if (!("eventId" in admission)) throw new Error(JSON.stringify(admission));
  const next = stores.enqueued.at(-1)?.queue;
  const ports = { ...stores, dispatch, settings, log: silent };
  return { ...admission, next, ...(await correlate(ports, { eventId: admission.eventId })) };
}
const exhausted = () => event("budget_threshold", { utilization_pct: 99 });
const fell = () => event("reputation_change", { score_delta: -0.6 });
const freezes = () => dispatch.added.filter(({ queue }) => queue === "freeze");
const cascades = () => dispatch.added.filter(({ queue }) => queue === "correlate");

describe("what is heard on the bus alone", () => {
  it("is told to a person and contains nobody, where a webhook with the same words would", async () => {
    expect(await tell(exhausted(), "bus")).toMatchObject({ next: "correlate", answer: "alerted" });
    expect(freezes()).toEqual([]);
    const [verdict] = await stores.verdicts.recent(1);
    expect(verdict?.signal).toMatchObject({ severity: "warning", why: { observed: { heardOn: "bus" } } });
    expect(verdict?.signal.why.sentence).toMatch(/event bus only/);
    expect(await tell(exhausted(), "webhook")).toMatchObject({ next: "freeze" });
  });

  it("contains nobody together with more of its kind either, nor belongs to a cascade", async () => {
    await tell(exhausted(), "bus");
    expect(await tell(fell(), "bus")).toMatchObject({ answer: "alerted" });
    await tell(event("budget_threshold", { utilization_pct: 85 }), "webhook");
    expect(freezes()).toEqual([]);
    expect(cascades()).toHaveLength(1);
  });

  it("contains nobody whatever policy says to it, and says so", async () => {
    const eager = "policy: [{ signal: budget-exhaustion, tier: full-shutdown }]";
    expect(await tell(exhausted(), "bus", eager)).toMatchObject({ answer: "alerted" });
    expect((await stores.verdicts.recent(1))[0]?.decidedBy).toMatch(/^heard on the bus only.*policy line 1/);
  });

  it("contains nobody whose breaker is open", async () => {
    const { breaker } = readSettings(undefined, {});
    for (let failure = 0; failure < breaker.failures; failure += 1)
      await stores.breakers.report(agentId, breaker, { outcome: "failure", probe: null });
    expect((await stores.breakers.ask(agentId, breaker, { peek: true, sparing: [] })).state).toBe("open");
    expect(await tell(exhausted(), "bus")).toMatchObject({ answer: "alerted" });
  });

  it("enters no window: forged escrows do not make a loop of one true one", async () => {
    const escrow = (index: number) =>
      event("escrow_state_change", {
        escrow_id: `esc-${index}`,
        payer: agentId,
        payee: "shop",
        amount: "150",
        status: "held",
      });
    for (let index = 0; index < 12; index += 1) expect((await tell(escrow(index), "bus")).answer).toBe("no-signal");
    expect((await tell(escrow(12), "webhook")).answer).toBe("no-signal");
  });

  it("does not make a duplicate of the webhook that says the same", async () => {
    const body = exhausted();
    await tell(body, "bus");
    expect(await tell(body, "webhook")).toMatchObject({ answer: "handed-over" });
    expect(freezes()).toHaveLength(1);
    const noId = { event_type: "budget_threshold", agent_id: agentId, utilization_pct: 99 };
    await tell(noId, "bus");
    expect(await tell(noId, "webhook")).toMatchObject({ answer: "handed-over" });
  });
});
