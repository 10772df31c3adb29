import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openRequest } from "./open-request.ts";
import { openStores, type Stores } from "./open-stores.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores(8);
});
afterAll(() => stores.close());
beforeEach(() => stores.redis.flushdb().then(() => undefined));

const open = async (agentId: string) => (await stores.incidents.open(openRequest({ agentId }))).incidentId;
const mark = (incidentId: string, what = "paused", why = "first") => ({ incidentId, what, why, at: 1 });
const on = async (whom: string) => (await stores.marks.on("agent", whom)).map(({ why }) => why).sort();

describe("what incidents leave on an agent", () => {
  it("is seen together, whichever partition they live in", async () => {
    for (const agentId of ["a", "b", "c", "d", "e"]) {
      const incidentId = await open(agentId);
      expect(await stores.marks.leave("agent", "agent 7", mark(incidentId, "paused", agentId))).toBe(true);
      expect(await stores.marks.leftBy(incidentId, "agent")).toEqual([{ whom: "agent 7", what: "paused" }]);
    }
    expect(await on("agent 7")).toEqual(["a", "b", "c", "d", "e"]);
    expect(await stores.marks.on("payee", "agent 7")).toEqual([]);
  });

  it("stays as it was first left", async () => {
    const incidentId = await open("a");
    await stores.marks.leave("agent", "x", mark(incidentId));
    expect(await stores.marks.leave("agent", "x", mark(incidentId, "paused", "second"))).toBe(true);
    expect(await on("x")).toEqual(["first"]);
  });

  it("can be withdrawn and forgotten, each what, without touching another's", async () => {
    const [one, other] = [await open("a"), await open("b")];
    for (const incidentId of [one, other])
      for (const what of ["paused", "isolated"])
        await stores.marks.leave("agent", "x", mark(incidentId, what, incidentId));
    await stores.marks.withdraw("agent", "x", mark(one, "paused", one));
    expect((await stores.marks.on("agent", "x")).filter(({ withdrawn }) => withdrawn)).toMatchObject([
      { incidentId: one, what: "paused" },
    ]);
    expect(await stores.marks.leftBy(one, "agent")).toHaveLength(2);
    await stores.marks.forget("agent", "x", { incidentId: one, what: "paused" });
    expect(await stores.marks.leftBy(one, "agent")).toEqual([{ whom: "x", what: "isolated" }]);
    expect(await stores.marks.leftBy(other, "agent")).toHaveLength(2);
    expect(await on("x")).toEqual([one, other, other].sort());
  });
});

describe("an incident", () => {
  it("that is being stood down can leave none any more, however late the worker; what was withdrawn stays so", async () => {
    const incidentId = await open("a");
    await stores.marks.leave("agent", "x", mark(incidentId));
    await stores.incidents.beginStandDown(incidentId, "ada", "planned");
    expect(await stores.marks.leave("agent", "y", mark(incidentId))).toBe(false);
    await stores.marks.withdraw("agent", "x", mark(incidentId));
    expect(await stores.marks.leave("agent", "x", mark(incidentId))).toBe(false);
    expect((await stores.marks.on("agent", "x"))[0]?.withdrawn).toBe(true);
    expect(await stores.marks.leftBy(incidentId, "agent")).toEqual([{ whom: "x", what: "paused" }]);
  });

  it("that is over, or never was, can leave none either", async () => {
    const incidentId = await open("a");
    await stores.incidents.setStatus(incidentId, "stood-down", "recover", {});
    expect(await stores.marks.leave("agent", "x", mark(incidentId))).toBe(false);
    expect(await stores.marks.leave("agent", "x", mark("inc-0-0123456789ab-9"))).toBe(false);
  });
});
