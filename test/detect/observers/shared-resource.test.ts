import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { sharedResourceObserver } from "../../../src/detect/observers/shared-resource.ts";
import type { EventFacts } from "../../../src/incident/event.ts";
import { readSettings, thresholdsFor } from "../../../src/settings/settings.ts";
import { openRequest } from "../../redis/open-request.ts";
import { openStores, type Stores } from "../../redis/open-stores.ts";
import { recordedDispatch } from "../../runbooks/step-ports.ts";

const settings = readSettings(
  "fleet: { agents: [{ id: a, wallet: ops }, { id: b, wallet: ops }, { id: c, wallet: ops }, { id: d, wallet: own }, { id: e }] }",
  {},
);
let stores: Stores;
let now: number;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(async () => {
  await stores.redis.flushdb();
  now = await stores.clock.now();
});

let events = 0;
const see = (agentId: string, facts: EventFacts, occurredAt = now) => {
  events += 1;
  const event = {
    id: `evt-0-${events}`,
    type: "",
    agentId,
    source: "activity",
    occurredAt,
    receivedAt: now,
    facts,
  } as const;
  const ports = { ...stores, dispatch: recordedDispatch(), settings };
  return sharedResourceObserver.observe(ports, event, thresholdsFor(settings, agentId));
};
const fails = (agentId: string, at?: number, code = "insufficient-balance") =>
  see(agentId, { kind: "error", code, message: null }, at);
const balance = (agentId: string, left: string) => see(agentId, { kind: "balance", balance: left });

describe("what is seen of wallets that agents share (D8)", () => {
  it("concludes about every agent that failed, each at the time of its own failure", async () => {
    expect(await fails("a")).toEqual([]);
    expect(await fails("b", now + 1_000)).toMatchObject([
      { agentId: "a", kind: "shared-resource-exhausted", severity: "critical", occurredAt: now },
      { agentId: "b", severity: "critical", occurredAt: now + 1_000 },
    ]);
    // What went before was another agent's: nobody moved earlier than he failed himself.
    expect((await fails("b", now + 1_000)).map(({ startedAt }) => startedAt)).toEqual([undefined, undefined]);
  });

  it("is the same trouble until the agent's incident is over, and then another", async () => {
    await fails("a");
    const [first] = await fails("b");
    const [again] = await fails("c");
    expect(again?.id).toBe(first?.id);
    await stores.incidents.open(openRequest({ agentId: "a" }));
    const [later] = await fails("c");
    expect([later?.agentId, later?.id === first?.id]).toEqual(["a", false]);
  });

  it("knows one wallet from another, and agents without one", async () => {
    await fails("a");
    for (const agentId of ["d", "e", "stranger"]) expect(await fails(agentId)).toEqual([]);
  });

  it("does not take another error for lack of balance", async () => {
    await fails("a");
    expect(await fails("b", now, "timeout")).toEqual([]);
  });

  it("a balance that is gone is a warning about the first of its agents, whoever's reading it was; then critical for who fails", async () => {
    expect(await balance("c", "0.01")).toEqual([]);
    const [warned] = await balance("c", "0.00");
    expect(warned).toMatchObject({ agentId: "a", severity: "warning" });
    expect(await balance("b", "0.00")).toMatchObject([{ id: warned!.id }]);
    expect(await fails("b")).toMatchObject([
      { agentId: "b", severity: "critical", why: { observed: { balance: "0.00" } } },
    ]);
  });

  it("counts an event once, however often it comes", async () => {
    const entry = { eventId: "evt-0-x", agentId: "a", at: now, balance: null };
    for (let again = 0; again < 3; again += 1) await stores.wallets.observe("ops", entry, 1_000);
    expect(await stores.wallets.observe("ops", { ...entry, agentId: "b with space" }, 1_000)).toEqual([
      entry,
      { ...entry, agentId: "b with space" },
    ]);
  });
});
