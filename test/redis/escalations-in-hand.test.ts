import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runScript } from "../../src/redis/connection.ts";
import { keys, tagKey } from "../../src/redis/keys.ts";
import { escalating, MINUTE } from "./escalating.ts";
import { openStores, type Stores } from "./open-stores.ts";

let stores: Stores;
let act: ReturnType<typeof escalating>;
beforeAll(async () => {
  stores = await openStores();
  act = escalating(stores);
});
afterAll(() => stores.close());
beforeEach(() => stores.redis.flushdb().then(() => undefined));

const lines = async (incidentId: string) =>
  (await stores.incidents.view(incidentId))!.timeline.map(({ what, detail }) => [what, detail] as const);

describe("whoever acknowledges", () => {
  it("has it: nothing is due any more, and it is in the timeline with who and when", async () => {
    const incidentId = await act.open("P0");
    await act.ago(incidentId, 5 * MINUTE);
    const { answer, by, at } = await stores.escalations.acknowledge(incidentId, "ada");
    expect([answer, by]).toEqual(["acknowledged", "ada"]);
    expect(await stores.incidents.load(incidentId)).toMatchObject({ acknowledged: { by: "ada", at } });
    expect([await act.due(), await act.dueAt(incidentId)]).toEqual([[], null]);
    expect(await act.tell(incidentId, "P0", 0)).toBe("in-hand");
    expect(await act.tell(incidentId, "P0", 0)).toBe("in-hand");
    expect(await act.whats(incidentId)).toEqual(["incident-opened", "acknowledged", "escalation-not-needed"]);
  });

  it("first keeps it, by name", async () => {
    const incidentId = await act.open("P0");
    const first = await stores.escalations.acknowledge(incidentId, "ada");
    const second = await stores.escalations.acknowledge(incidentId, "bob");
    expect(second).toEqual({ ...first, answer: "acknowledged-before" });
    expect(await act.whats(incidentId)).toEqual(["incident-opened", "acknowledged"]);
  });

  it("has it for good: what joins or breaks loose later escalates nothing", async () => {
    const incidentId = await act.open("P2");
    await stores.escalations.acknowledge(incidentId, "ada");
    await act.joins("P0");
    await stores.incidents.countBreach(incidentId, {});
    expect((await stores.incidents.load(incidentId))?.priority).toBe("P0");
    expect(await act.dueAt(incidentId)).toBeNull();
    await stores.redis.zadd(keys.escalations(0), 1, incidentId);
    expect([await act.due(), await act.tell(incidentId, "P0", 0)]).toEqual([[], "in-hand"]);
  });

  it("what is over, or unknown, is told so", async () => {
    const incidentId = await act.open("P0");
    await stores.incidents.setStatus(incidentId, "stood-down", "recover", {});
    const nobody = { by: "", at: 0 };
    expect(await stores.escalations.acknowledge(incidentId, "ada")).toEqual({ answer: "over", ...nobody });
    expect(await stores.escalations.acknowledge("inc-0-none-1", "ada")).toEqual({ answer: "unknown", ...nobody });
  });

  it("may have any name that is text", async () => {
    const incidentId = await act.open("P0");
    const by = 'Ada "the duke" \\ Łukasz\n\u0001';
    await stores.escalations.acknowledge(incidentId, by);
    expect((await lines(incidentId)).at(-1)).toEqual(["acknowledged", { by }]);
  });
});

describe("somebody has it as well who", () => {
  it("asked for stand-down", async () => {
    const incidentId = await act.open("P0");
    await act.ago(incidentId, 5 * MINUTE);
    await stores.incidents.beginStandDown(incidentId, "bob", "planned");
    expect(await act.due()).toEqual([]);
    expect(await stores.incidents.load(incidentId)).toMatchObject({ acknowledged: { by: "bob" } });
    expect(await stores.escalations.acknowledge(incidentId, "ada")).toMatchObject({
      answer: "acknowledged-before",
      by: "bob",
    });
  });

  it("asked for recovery", async () => {
    const incidentId = await act.open("P0");
    await act.ago(incidentId, 5 * MINUTE);
    const recovery = { by: "eve", change: 1 };
    const change = (from: string, to: string) =>
      runScript(stores.redis, "changeRecovery", tagKey(0), [incidentId, from, to, "detected", "asked", "{}", "{}", ""]);
    await change("", JSON.stringify(recovery));
    expect(await act.due()).toEqual([]);
    expect(await stores.escalations.acknowledge(incidentId, "ada")).toMatchObject({
      answer: "acknowledged-before",
      by: "eve",
    });
    // A gate refused it: she still has it.
    await change("1", "");
    expect(await act.tell(incidentId, "P0", 0)).toBe("in-hand");
  });

  it("and what is over needs nobody", async () => {
    const incidentId = await act.open("P0");
    await act.ago(incidentId, 5 * MINUTE);
    await stores.incidents.setStatus(incidentId, "stood-down", "recover", {});
    expect(await act.due()).toEqual([]);
    expect(await act.tell(incidentId, "P0", 0)).toBe("in-hand");
  });
});

describe("a level that nobody told", () => {
  it("is missed from 60 s after its time, noted once, and said aloud once a minute", async () => {
    const incidentId = await act.open("P0");
    const level = { incidentId, priority: "P0", level: 0 } as const;
    const miss = () => stores.escalations.miss(level, MINUTE, MINUTE);
    await act.ago(incidentId, 6 * MINUTE - 2_000);
    expect([await act.due(MINUTE), await miss(), await stores.escalations.overdue(MINUTE)]).toEqual([[], false, 0]);
    await act.ago(incidentId, 2_000);
    expect([(await act.due(MINUTE)).length, await miss(), await stores.escalations.overdue(MINUTE)]).toEqual([
      1,
      true,
      1,
    ]);
    expect(await miss()).toBe(false);
    await stores.redis.hincrby(keys.incident(0, incidentId), "escalationMissedAt", -MINUTE);
    expect(await miss()).toBe(true);
    expect(await act.whats(incidentId)).toEqual(["incident-opened", "escalation-missed"]);
    expect(await act.tell(incidentId, "P0", 0)).toBe("told");
    expect([await miss(), await stores.escalations.overdue(MINUTE)]).toEqual([false, 0]);
  });
});

describe("many incidents of one trouble", () => {
  const level = (incidentId: string) => ({ incidentId, priority: "P0", level: 0 }) as const;
  const claim = (incidentId: string, since: number) => stores.escalations.claimFor("cas-1", level(incidentId), since);

  it("have one that tells a level; asked again it is the same", async () => {
    const now = await stores.clock.now();
    expect(await Promise.all([claim("inc-0-a-1", now), claim("inc-0-a-1", now)])).toEqual(["inc-0-a-1", "inc-0-a-1"]);
    expect(await claim("inc-0-b-1", now)).toBe("inc-0-a-1");
    expect(await stores.escalations.claimFor("cas-2", level("inc-0-b-1"), now)).toBe("inc-0-b-1");
  });

  it("have another that tells it where its wait began after that, or the first one gave it back", async () => {
    const now = await stores.clock.now();
    await claim("inc-0-a-1", now);
    expect(await claim("inc-0-c-1", now + MINUTE)).toBe("inc-0-c-1");
    await stores.escalations.releaseFor("cas-1", level("inc-0-a-1"));
    expect(await claim("inc-0-b-1", now)).toBe("inc-0-c-1");
    await stores.escalations.releaseFor("cas-1", level("inc-0-c-1"));
    expect(await claim("inc-0-b-1", now)).toBe("inc-0-b-1");
  });
});
