import { afterEach, describe, expect, it } from "vitest";
import { viewCascade } from "../../src/incident/cascade-view.ts";
import { until } from "../support/until.ts";
import { createWorld, type World, type WorldOptions } from "../support/world.ts";

/** Forty agents on a machine that has other work. */
const PATIENCE_MS = 45_000;
let world: World;
afterEach(() => world.close());

const open = async (agentIds: readonly string[], options: WorldOptions = {}) => {
  world = await createWorld(options);
  for (const agentId of agentIds) await world.admin.placeAgent(agentId);
};
const exhausted = (agentId: string, utilization_pct = 99) =>
  world.deliver({ event_type: "budget_threshold", agent_id: agentId, payload: { utilization_pct } });
const incidents = () => world.services.incidents.list(200);
const untilAll = (count: number, status: string) =>
  until(
    async () => {
      const found = await incidents();
      return found.length === count && found.every((one) => one.status === status && one.cascadeId !== null) && found;
    },
    `${count} incidents of a cascade that are ${status}`,
    PATIENCE_MS,
  );
const capsOf = async () =>
  (await world.admin.state()).agents.map(({ agentId, caps }) => [agentId, caps.daily] as const);
const views = async () =>
  Promise.all((await world.services.cascades.list(10)).map((cascade) => viewCascade(world.services, cascade)));
/** What was done to agents and money; what is said on the bus comes when it comes. */
const writes = async () => (await world.admin.effects()).filter(({ effect }) => effect !== "event.published");

describe("when forty agents fail at once", () => {
  it("all forty are frozen, as one cascade, which is told once", async () => {
    const agentIds = Array.from({ length: 40 }, (_, index) => `agent-${index}`);
    await open(agentIds);
    await Promise.all(agentIds.map((agentId) => exhausted(agentId)));
    const all = await untilAll(40, "contained");
    expect(new Set((await capsOf()).map(([, daily]) => daily))).toEqual(new Set(["0.00"]));
    expect(new Set(all.map(({ cascadeId }) => cascadeId)).size).toBe(1);
    expect(all.every(({ runbooks }) => runbooks.includes("cascade-failure"))).toBe(true);
    const [cascade, ...others] = await views();
    expect([cascade?.members.length, others]).toEqual([40, []]);
    expect(cascade?.members.every(({ status }) => status === "contained")).toBe(true);
    const queue = world.services.queues.of("notification", 0);
    const told = await until(
      async () => {
        const done = (await queue.getJobs(["completed"])).map(({ id }) => id ?? "");
        return done.includes(`publish-${cascade!.id}`) && done.includes(`page-${cascade!.id}`) && done;
      },
      "the cascade to be paged and published",
      PATIENCE_MS,
    );
    expect(told.filter((id) => id.endsWith(cascade!.id)).sort()).toEqual([
      `page-${cascade!.id}`,
      `publish-${cascade!.id}`,
    ]);
  }, 90_000);
});

describe("when a critical and a warning come from agents of one wallet", () => {
  it("both are contained, the third that shares it is left alone", async () => {
    const settings = `fleet: { agents: [{ id: a, wallet: ops }, { id: b, wallet: ops }, { id: c, wallet: ops }] }`;
    await open(["a", "b", "c"], { settings });
    const held = await world.admin.holdEscrows("b", "shop", "20.00", 2);
    await exhausted("b", 85);
    await exhausted("a");
    const both = await untilAll(2, "contained");
    expect(both.map(({ agentId }) => agentId).sort()).toEqual(["a", "b"]);
    expect(both.find(({ agentId }) => agentId === "b")).toMatchObject({
      priority: "P0",
      decidedBy: expect.stringMatching(/^cascade: .*shared wallet ops, with a/),
      dollars: { recovered: "40.00" },
    });
    expect(held.length).toBe(2);
    expect(Object.fromEntries(await capsOf())).toMatchObject({ a: "0.00", b: "0.00", c: "500.00" });
    const evidence = await until(async () => {
      const [view] = await views();
      const root = view!.members.find(({ agentId }) => agentId === view!.rootCause.agentId);
      return (await world.services.incidents.evidence(root!.incidentId!)).cascade;
    }, "the deep look at the root cause");
    expect(evidence).toMatchObject({ rootCause: { agentId: "b" }, transactions: { known: expect.anything() } });
  });
});

describe("when agents of one wallet fail for lack of balance", () => {
  it("those who failed are contained at once; who merely shares the wallet is not (D8)", async () => {
    const settings = `fleet: { agents: [{ id: a, wallet: ops }, { id: b, wallet: ops }, { id: c, wallet: ops }] }`;
    await open(["a", "b", "c"], { settings });
    const failed = (agentId: string) =>
      world.deliver({ type: "error", agent_id: agentId, payload: { code: "insufficient_balance" } });
    await failed("a");
    await failed("b");
    const both = await untilAll(2, "contained");
    expect(both.map(({ agentId, runbook }) => [agentId, runbook]).sort()).toEqual([
      ["a", "cascade-failure"],
      ["b", "cascade-failure"],
    ]);
    expect(both[0]!.signals[0]?.why).toMatchObject({ observed: { wallet: "ops", failedAgents: 2 } });
    expect((await views())[0]).toMatchObject({ rootCause: { agentId: "a", why: "its trouble began first" } });
    expect(Object.fromEntries(await capsOf())).toMatchObject({ c: "500.00" });
  });
});

describe("when the jobs of a cascade come again after all is over (G14)", () => {
  it("nothing is written to the gateway, and nothing is opened", async () => {
    await open(["a", "b"]);
    await exhausted("a");
    await exhausted("b");
    const both = await untilAll(2, "contained");
    for (const { id } of both) {
      await world.services.incidents.beginStandDown(id, "mira", "false alarm");
      await world.services.dispatch.add("recovery", id, `stand-down-${id}`, { incidentId: id });
    }
    await untilAll(2, "stood-down");
    expect((await views())[0]?.status).toBe("closed");
    const before = (await writes()).map((effect) => JSON.stringify(effect));
    const { queues } = world.services;
    for (const name of ["correlate", "freeze"] as const) {
      const queue = queues.of(name, 0);
      const again = (await queue.getJobs(["completed"])).filter(({ data }) => !("seeCapsOf" in data));
      expect(again.length).toBeGreaterThan(1);
      await queue.addBulk(again.map(({ data, id }) => ({ name, data, opts: { jobId: `${id}-again` } })));
      await until(async () => {
        const states = await Promise.all(again.map(({ id }) => queue.getJobState(`${id}-again`)));
        return states.every((state) => state === "completed");
      }, `every ${name} job to be done again`);
    }
    expect((await writes()).map((effect) => JSON.stringify(effect))).toEqual(before);
    expect((await incidents()).map(({ status }) => status)).toEqual(["stood-down", "stood-down"]);
  });
});

describe("when the product only observes", () => {
  it("the cascade is recorded, and no agent is touched", async () => {
    await open(["a", "b"], { settings: "mode: observe" });
    await exhausted("a");
    await exhausted("b");
    const both = await untilAll(2, "observed");
    expect(both.every(({ dryRun }) => dryRun)).toBe(true);
    expect((await views())[0]?.members.length).toBe(2);
    expect(new Set((await capsOf()).map(([, daily]) => daily))).toEqual(new Set(["500.00"]));
    expect(await world.services.fleet.reserved()).toBe(0);
  });
});
