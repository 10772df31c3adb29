import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isOver, type Status, transitions } from "../../src/incident/incident.ts";
import { aSignal, openRequest } from "./open-request.ts";
import { openStores, type Stores } from "./open-stores.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());

let agents = 0;
const newAgent = () => {
  agents += 1;
  return `agent-${agents}`;
};
const open = (given: Parameters<typeof openRequest>[0], more: Parameters<typeof openRequest>[1] = {}) =>
  stores.incidents.open(openRequest(given, more));

describe("an agent's signals", () => {
  it("open one incident and join it; the same signal again is known", async () => {
    const agentId = newAgent();
    const first = await open({ agentId, id: `sig-1-${agentId}` });
    expect(first).toEqual({
      answer: "opened",
      incidentId: expect.stringMatching(/^inc-0-[0-9a-f]{12}-1$/),
      epoch: 1,
      isNews: true,
    });
    expect(await open({ agentId, id: `sig-1-${agentId}` })).toEqual({ ...first, answer: "known" });
    expect(await open({ agentId, id: "sig-2" })).toEqual({ ...first, answer: "joined", isNews: false });
    expect((await stores.incidents.signals(first.incidentId)).map(({ id }) => id).sort()).toEqual([
      `sig-1-${agentId}`,
      "sig-2",
    ]);
    expect((await open({ agentId: newAgent() })).incidentId).not.toBe(first.incidentId);
  });

  it("of higher priority bring their runbook and the line that decided; of lower they change neither", async () => {
    const agentId = newAgent();
    const { incidentId } = await open({ agentId }, { priority: "P1", runbook: "escrow-exploitation", decidedBy: "a" });
    await open({ agentId }, { priority: "P0", runbook: "runaway-spending", decidedBy: "b" });
    const raised = { priority: "P0", runbook: "runaway-spending", decidedBy: "b" };
    expect(await stores.incidents.load(incidentId)).toMatchObject(raised);
    await open({ agentId }, { priority: "P1", runbook: "escrow-exploitation", decidedBy: "c" });
    expect(await stores.incidents.load(incidentId)).toMatchObject(raised);
  });

  it("that tell a contained incident something new have it contained again", async () => {
    const agentId = newAgent();
    const { incidentId } = await open({ agentId, id: `sig-1-${agentId}` });
    await stores.incidents.setStatus(incidentId, "containing", "contain", {});
    await stores.incidents.setStatus(incidentId, "contained", "contain", {});
    await open({ agentId, id: `sig-1-${agentId}` });
    expect((await stores.incidents.load(incidentId))?.status).toBe("contained");
    await open({ agentId, id: `sig-2-${agentId}` });
    expect((await stores.incidents.load(incidentId))?.status).toBe("contained");
    await open({ agentId, id: `sig-3-${agentId}`, kind: "payee-concentration" });
    expect(await stores.incidents.load(incidentId)).toMatchObject({ status: "containing", signalCount: 3 });
  });

  it("after a release open a new incident under a higher epoch", async () => {
    const agentId = newAgent();
    const first = await open({ agentId });
    await stores.incidents.beginStandDown(first.incidentId, "ada", "planned");
    const second = await open({ agentId });
    expect(second.answer).toBe("opened");
    expect(second.epoch).toBeGreaterThan(first.epoch + 1);
  });
});

describe("a status", () => {
  const statuses = Object.keys(transitions) as Status[];

  it("moves along the table and never otherwise, whatever is asked", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...statuses), { maxLength: 12 }), async (asked) => {
        const { incidentId } = await open({ agentId: newAgent() });
        let status: Status = "detected";
        for (const to of asked) {
          const legal = (transitions[status] as readonly Status[]).includes(to);
          const answer = await stores.incidents.setStatus(incidentId, to, "contain", { to });
          if (legal) status = to;
          expect(answer).toEqual({ changed: legal, status });
        }
        const view = (await stores.incidents.view(incidentId))!;
        expect(view.status).toBe(status);
        expect(view.closedAt === null).toBe(!isOver(status));
      }),
      { seed: 7, numRuns: 60 },
    );
  });

  it("of an incident that is not there cannot be changed", async () => {
    expect(await stores.incidents.setStatus("inc-0-none-1", "contained", "contain", {})).toMatchObject({
      changed: false,
    });
  });
});

describe("receipts and times", () => {
  it("stay as they were first written", async () => {
    const { incidentId } = await open({ agentId: newAgent() });
    const first = await stores.incidents.recordReceipt(incidentId, "freeze-budget", "contain", { try: 1, list: [] });
    expect(first).toMatchObject({ step: "freeze-budget", result: { try: 1, list: [] } });
    expect(await stores.incidents.recordReceipt(incidentId, "freeze-budget", "contain", { try: 2 })).toEqual(first);
    expect(await stores.incidents.receipts(incidentId)).toEqual(new Map([["freeze-budget", first]]));
    const stamped = await stores.incidents.stamp(incidentId, "requestedAt");
    expect(await stores.incidents.stamp(incidentId, "requestedAt")).toBe(stamped);
    const view = (await stores.incidents.view(incidentId))!;
    expect(view).toMatchObject({ requestedAt: stamped, effectiveAt: null });
    expect(view.timeline.filter(({ what }) => what === "step-done")).toHaveLength(1);
  });

  it("keep text of any kind as it was, but for half a character, and an empty list a list", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: fc.constantFrom("a", " ", '"', "\\", "\n", "\u0000", "ä", "💥", "\ud800", "{") }),
        async (text) => {
          const { incidentId } = await open({ agentId: newAgent() });
          await stores.incidents.note(incidentId, "contain", "step-failed", { step: text, list: [], none: null });
          const view = (await stores.incidents.view(incidentId))!;
          expect(view.timeline.at(-1)?.detail).toEqual({ step: text.toWellFormed(), list: [], none: null });
        },
      ),
      { seed: 7, numRuns: 25 },
    );
  });
});

describe("who looks after an open incident", () => {
  it("is told once when it is due, and again when the next look is due", async () => {
    await stores.redis.flushdb();
    const { incidentId } = await open({ agentId: newAgent() });
    expect(await stores.incidents.takeDue(0, 60_000, 10)).toEqual([]);
    await stores.incidents.attend(incidentId, -1);
    expect(await stores.incidents.takeDue(0, 60_000, 10)).toEqual([incidentId]);
    expect(await stores.incidents.takeDue(0, 60_000, 10)).toEqual([]);
  });

  it("is not told of one that is over", async () => {
    const { incidentId } = await open({ agentId: newAgent() });
    await stores.incidents.setStatus(incidentId, "stood-down", "recover", {});
    await stores.incidents.attend(incidentId, -1);
    expect(await stores.incidents.takeDue(0, 60_000, 10)).not.toContain(incidentId);
  });
});

describe("a stand-down", () => {
  it("begins once, and says which epoch it released under however often it is asked", async () => {
    const { incidentId } = await open({ agentId: newAgent() });
    expect(await stores.incidents.beginStandDown(incidentId, "ada", "planned")).toEqual({ answer: "begun", epoch: 2 });
    expect(await stores.incidents.beginStandDown(incidentId, "bob", "other")).toEqual({ answer: "running", epoch: 2 });
    expect((await stores.incidents.load(incidentId))?.standDown).toMatchObject({ by: "ada", reason: "planned" });
    await stores.incidents.setStatus(incidentId, "stood-down", "recover", {});
    expect(await stores.incidents.beginStandDown(incidentId, "ada", "planned")).toMatchObject({ answer: "over" });
    expect(await stores.incidents.beginStandDown("inc-0-none-1", "ada", "x")).toMatchObject({ answer: "unknown" });
  });
});

describe("incidents of several partitions", () => {
  it("are listed together, newest first, as many as asked for", async () => {
    const many = await openStores(4);
    const ids: string[] = [];
    for (let index = 0; index < 8; index += 1)
      ids.unshift((await many.incidents.open(openRequest({ agentId: `a-${index}` }))).incidentId);
    const listed = await many.incidents.list(5);
    expect(new Set(ids.map((id) => id.split("-")[1])).size).toBeGreaterThan(1);
    expect(listed).toHaveLength(5);
    expect(listed.map(({ openedAt }) => openedAt)).toEqual(
      listed.map(({ openedAt }) => openedAt).sort((a, b) => b - a),
    );
    expect(new Set((await many.incidents.list(50)).map(({ id }) => id))).toEqual(new Set(ids));
    await many.close();
  });
});

describe("the verdicts of a signal", () => {
  it("are one: the first that was kept", async () => {
    const signal = aSignal({ id: "sig-kept" });
    const first = { signal, tier: "auto-contain", decidedBy: "first", eventId: "evt-0-1" } as const;
    const kept = { ...first, keptAt: expect.any(Number), incidentId: null };
    expect(await stores.verdicts.keep(first)).toEqual(kept);
    expect(await stores.verdicts.keep({ ...first, decidedBy: "second", eventId: "evt-0-2" })).toEqual(kept);
    expect(await stores.verdicts.load(signal.agentId, "sig-kept")).toEqual(kept);
    expect(await stores.verdicts.load(signal.agentId, "sig-none")).toBeNull();
  });
});
