import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readSettings } from "../../src/settings/settings.ts";
import { escalating, MINUTE, twoLevels } from "./escalating.ts";
import { openRequest } from "./open-request.ts";
import { openStores, type Stores } from "./open-stores.ts";

let stores: Stores;
let act: ReturnType<typeof escalating>;
beforeAll(async () => {
  stores = await openStores();
  act = escalating(stores);
});
afterAll(() => stores.close());
beforeEach(() => stores.redis.flushdb().then(() => undefined));

const usual = readSettings(undefined, {}).escalation;

describe("an incident that opens", () => {
  it.each([
    ["P0", 5],
    ["P1", 15],
  ] as const)("as %s escalates after %i minutes, not a moment before", async (priority, minutes) => {
    const incidentId = await act.open(priority, { escalation: usual });
    await act.ago(incidentId, minutes * MINUTE - 2_000);
    expect(await act.due()).toEqual([]);
    expect(await act.tell(incidentId, priority, 0)).toBe("early");
    await act.ago(incidentId, 2_000);
    expect(await act.due()).toEqual([{ incidentId, agentId: "agent-7", priority, level: 0 }]);
    expect(await act.tell(incidentId, priority, 0)).toBe("told");
    expect(await act.due()).toEqual([]);
  });

  it.each(["P2", "P3"] as const)("as %s wakes nobody", async (priority) => {
    expect(await act.dueAt(await act.open(priority, { escalation: usual }))).toBeNull();
  });

  it("keeps the policy of that moment, whatever the settings of a later one say", async () => {
    const incidentId = await act.open("P0");
    await act.joins("P0", { escalation: { P0: [{ afterMs: 1_000, to: ["webhook"] }] } });
    expect(await act.escalationOf(incidentId)).toMatchObject({
      policy: twoLevels,
      priority: "P0",
      told: 0,
      reached: [],
    });
    expect(await act.inMinutes(incidentId)).toBe(5);
  });

  it("as a dry run wakes nobody, and as a real one from the moment it becomes one", async () => {
    const incidentId = await act.open("P0", { dryRun: true });
    expect([await act.escalationOf(incidentId), await act.dueAt(incidentId)]).toEqual([null, null]);
    await stores.incidents.setStatus(incidentId, "observed", "contain", {});
    await act.joins("P1");
    expect(await act.escalationOf(incidentId)).toMatchObject({ policy: twoLevels, priority: "P1" });
    expect(await act.inMinutes(incidentId)).toBe(15);
  });

  it("without a policy wakes nobody", async () => {
    const { incidentId } = await stores.incidents.open(openRequest());
    expect([await act.escalationOf(incidentId), await act.dueAt(incidentId)]).toEqual([null, null]);
    expect(await act.tell(incidentId, "P0", 0)).toBe("unknown");
  });
});

describe("each level", () => {
  it("has its own time, and is counted once", async () => {
    const incidentId = await act.open("P0");
    await act.ago(incidentId, 5 * MINUTE);
    const answers = await Promise.all(Array.from({ length: 5 }, () => act.tell(incidentId, "P0", 0)));
    expect(answers.sort()).toEqual(["told", ...Array(4).fill("told-before")]);
    expect(await act.tell(incidentId, "P0", 1)).toBe("early");
    expect(await act.inMinutes(incidentId)).toBe(15);
    await act.ago(incidentId, 15 * MINUTE);
    expect(await act.tell(incidentId, "P0", 1)).toBe("told");
    expect(await act.dueAt(incidentId)).toBeNull();
    expect(await act.whats(incidentId)).toEqual(["incident-opened", "escalated", "escalated"]);
    expect(await act.escalationOf(incidentId)).toMatchObject({ told: 2, reached: ["slack"] });
  });

  it("is not told before the one ahead of it, however late both are", async () => {
    const incidentId = await act.open("P0");
    await act.ago(incidentId, 60 * MINUTE);
    expect(await act.tell(incidentId, "P0", 1)).toBe("early");
    expect(await act.tell(incidentId, "P0", 0)).toBe("told");
    expect(await act.tell(incidentId, "P0", 1)).toBe("told");
  });
});

describe("a priority that is raised", () => {
  it("from one that wakes nobody begins the wait of the new one", async () => {
    const incidentId = await act.open("P2");
    await act.joins("P0");
    expect(await act.inMinutes(incidentId)).toBe(5);
  });

  it.each([
    [1, 5],
    [9, 5],
    [12, 3],
    [14, 1],
  ])("after %i of the 15 minutes of a P1 leaves %i: its own wait, never longer than before", async (waited, left) => {
    const incidentId = await act.open("P1");
    await act.ago(incidentId, waited * MINUTE);
    await act.joins("P0");
    expect(await act.inMinutes(incidentId)).toBe(left);
  });

  it("by a breach of the hold does the same", async () => {
    const incidentId = await act.open("P1");
    await stores.incidents.countBreach(incidentId, {});
    expect(await act.inMinutes(incidentId)).toBe(5);
    await act.ago(incidentId, MINUTE);
    await stores.incidents.countBreach(incidentId, {});
    expect(await act.inMinutes(incidentId)).toBe(4);
  });

  it("after the levels of the old one were told has its own told as well", async () => {
    const incidentId = await act.open("P1");
    await act.ago(incidentId, 15 * MINUTE);
    expect(await act.tell(incidentId, "P1", 0)).toBe("told");
    await act.joins("P0");
    expect(await act.inMinutes(incidentId)).toBe(5);
    // The job of the old level may come again after a crash: what was counted is told.
    expect(await act.tell(incidentId, "P1", 0)).toBe("told-before");
    await act.ago(incidentId, 5 * MINUTE);
    expect(await act.tell(incidentId, "P0", 0)).toBe("told");
  });

  it("before the old level was told has the new one told in its place", async () => {
    const incidentId = await act.open("P1");
    await act.ago(incidentId, 16 * MINUTE);
    await act.joins("P0");
    expect(await act.tell(incidentId, "P1", 0)).toBe("raised");
    expect(await act.tell(incidentId, "P0", 0)).toBe("told");
  });

  it("to one that wakes nobody leaves what was booked", async () => {
    const incidentId = await act.open("P1", { escalation: { P1: twoLevels.P1!, P0: [] } });
    await act.joins("P0");
    expect(await act.inMinutes(incidentId)).toBe(15);
    await act.ago(incidentId, 15 * MINUTE);
    expect(await act.tell(incidentId, "P1", 0)).toBe("told");
  });
});
