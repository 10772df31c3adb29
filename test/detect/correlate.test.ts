import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { correlate } from "../../src/detect/correlate.ts";
import { readSettings } from "../../src/settings/settings.ts";
import { aDelivery } from "../redis/deliveries.ts";
import { openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { recordedDispatch, silent } from "../runbooks/step-ports.ts";
import { around, escrows } from "./rules/windows.ts";

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
const accept = async (body: Record<string, unknown>, type = "escrow_state_change") =>
  (
    await stores.inbox.accept(
      aDelivery({ raw: JSON.stringify({ event_type: type, agent_id: agentId, ...body }), type }),
    )
  ).eventId;
const judged = async (eventId: string, settings?: string) =>
  (await correlate({ ...stores, dispatch, settings: readSettings(settings, {}), log: silent }, { eventId })).answer;
const dispositionOf = async (eventId: string) => {
  const event = await stores.inbox.load(eventId);
  return event?.disposition && `${event.disposition}: ${event.reason}`;
};
const escrowEvent = (entry: ReturnType<typeof escrows>[number], status = "held") =>
  accept({
    timestamp: entry.at / 1000,
    payload: { escrow_id: entry.escrowId, payer: agentId, payee: entry.payee, amount: entry.amount, status },
  });
/** Delivers and judges them one after the other; the answers, and the last event's id. */
async function play(entries: ReturnType<typeof escrows>, settings?: string) {
  const answers: string[] = [];
  const ids: string[] = [];
  for (const entry of entries) {
    ids.push(await escrowEvent(entry));
    answers.push(await judged(ids.at(-1)!, settings));
  }
  return { answers, ids };
}
const recent = { from: Date.now() - 120_000 };
const queued = (queue: string) => dispatch.added.filter((job) => job.queue === queue);

describe("when escrow after escrow is opened", () => {
  it("hands the agent over with the 8th, once, and later ones of the run join", async () => {
    const { answers, ids } = await play(escrows(10, recent));
    expect(answers).toEqual([...Array(7).fill("no-signal"), "handed-over", "joined", "joined"]);
    const freezes = queued("freeze").filter(({ jobId }) => jobId.startsWith("freeze-"));
    expect(freezes).toMatchObject([{ data: { agentId, eventId: ids[7], signalId: expect.stringMatching(/^sig-/) } }]);
    const { signalId } = freezes[0]!.data as { signalId: string };
    expect(await stores.verdicts.load(agentId, signalId)).toMatchObject({
      eventId: ids[7],
      decidedBy: "default policy: critical -> auto-contain",
      signal: { kind: "escrow-burst", suspectPayee: "flaky-upstream", why: { events: ids.slice(0, 8) } },
    });
  });

  it("answers for every event but the one that containment answers for", async () => {
    const { ids } = await play(escrows(9, recent));
    expect(await Promise.all(ids.map(dispositionOf))).toEqual([
      ...Array(7).fill("ignored: no-signal"),
      null,
      "joined: the same trouble was handed over before",
    ]);
    expect(await stores.inbox.stats()).toMatchObject({ accepted: 9, pending: 1 });
  });

  it("learns the caps half way there, so that the freeze needs no read; not twice, and not during an incident", async () => {
    await play(escrows(7, recent));
    expect(queued("freeze")).toMatchObject([{ jobId: expect.stringMatching(/^caps-/), data: { seeCapsOf: agentId } }]);
    await stores.incidents.open(openRequest({ agentId }));
    dispatch.added.length = 0;
    await play(escrows(6, { from: Date.now() }));
    expect(queued("freeze").filter(({ jobId }) => jobId.startsWith("caps-"))).toEqual([]);
  });

  it("does not ask for caps seen a moment ago", async () => {
    await stores.caps.see(agentId, { dailyCap: null, monthlyCap: null, alertThreshold: undefined });
    await play(escrows(6, recent));
    expect(queued("freeze")).toEqual([]);
  });

  it("counts an escrow where it is held, and no other news of it", async () => {
    const [first] = escrows(1, recent);
    for (const status of ["released", "refunded", "expired", "disputed", "no-such-word"])
      expect(await judged(await escrowEvent({ ...first!, escrowId: randomUUID() }, status))).toBe("no-signal");
    const { answers } = await play(escrows(7, recent));
    expect(answers).toEqual(Array(7).fill("no-signal"));
  });

  it("obeys the agent's own thresholds", async () => {
    const settings = "thresholds: { agents: { agent-7: { escrowBurst: { identicalCount: 3 } } } }";
    const { answers } = await play(escrows(3, recent), settings);
    expect(answers).toEqual(["no-signal", "no-signal", "handed-over"]);
  });

  it("tells a person of a month-end batch, once, and freezes nobody", async () => {
    const batch = escrows(40, {
      ...recent,
      everyMs: 1_500,
      payee: (index) => `supplier-${index % 20}`,
      amount: around(2_000),
    });
    expect(new Set((await play(batch)).answers)).toEqual(new Set(["no-signal", "alerted"]));
    expect(queued("notification").map(({ jobId }) => jobId)).toHaveLength(1);
    expect(queued("freeze")).toEqual([]);
  });
});

describe("when an event says how much of a budget is used (D1)", () => {
  const used = (utilization_pct: number) => accept({ payload: { utilization_pct } }, "budget_threshold");

  it.each([
    [79.99, "no-signal", []],
    [80, "alerted", ["notification", "correlate"]],
    [94.99, "alerted", ["notification", "correlate"]],
    [95, "handed-over", ["freeze"]],
  ])("%d %% is %s", async (utilizationPct, expected, queues) => {
    expect(await judged(await used(utilizationPct))).toBe(expected);
    expect(dispatch.added.map(({ queue }) => queue)).toEqual(queues);
  });

  it("a warning pages a human with what it saw, and its event is answered for", async () => {
    const eventId = await used(85);
    await judged(eventId);
    const { signalId } = queued("notification")[0]!.data as { signalId: string };
    expect(queued("notification")[0]!.data).toMatchObject({ kind: "page", incidentId: null, what: "signal" });
    expect((await stores.verdicts.load(agentId, signalId))?.signal).toMatchObject({ kind: "budget-warning" });
    expect(await dispositionOf(eventId)).toBe("ignored: alerted");
  });

  it("policy has the last word: what it only wants to be told of freezes nobody", async () => {
    const settings = "policy: [{ signal: budget-exhaustion, tier: alert-human }]";
    expect(await judged(await used(99), settings)).toBe("alerted");
    expect(queued("freeze")).toEqual([]);
  });
});

describe("when a job comes again, or for nothing", () => {
  it("says so for an event that is not there or was answered for", async () => {
    expect(await judged("evt-0-none")).toBe("no-event");
    const [eventId] = (await play(escrows(1, recent))).ids;
    expect(await judged(eventId!)).toBe("decided-before");
  });

  it("hands over again what it handed over before it died, and answers for nothing twice", async () => {
    const { ids } = await play(escrows(8, recent));
    const before = queued("freeze").length;
    expect(await judged(ids[7]!)).toBe("handed-over");
    expect(queued("freeze")).toHaveLength(before);
    expect(await dispositionOf(ids[7]!)).toBeNull();
  });

  it("keeps what no attempt can read, and says so", async () => {
    const eventId = await accept({ payload: { nothing: "known" } });
    expect(await judged(eventId)).toBe("quarantined");
    expect(await dispositionOf(eventId)).toBe("quarantined: not readable by this version");
  });

  it("fails for the queue to try again where Redis did not take the verdict", async () => {
    const { ids } = await play(escrows(7, recent));
    expect(ids).toHaveLength(7);
    const eventId = await escrowEvent(escrows(1, { from: recent.from + 7_500 })[0]!);
    const verdicts = { ...stores.verdicts, keep: () => Promise.reject(new Error("Redis is full")) };
    const ports = { ...stores, verdicts, dispatch, settings: readSettings(undefined, {}), log: silent };
    await expect(correlate(ports, { eventId })).rejects.toThrow("full");
    expect(await dispositionOf(eventId)).toBeNull();
    expect(await judged(eventId)).toBe("handed-over");
  });
});
