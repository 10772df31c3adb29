import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { money } from "../../src/incident/money.ts";
import { askStandDown } from "../../src/recover/ask-stand-down.ts";
import { standDown } from "../../src/recover/stand-down.ts";
import { keys } from "../../src/redis/keys.ts";
import { openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { capsBefore, modelGateway, modelPorts, trouble } from "./model.ts";

const { signal: abort } = new AbortController();
const agentId = "agent-7";
let stores: Stores;
let model: ReturnType<typeof modelGateway>;
let ports: ReturnType<typeof modelPorts>;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(async () => {
  await stores.redis.flushdb();
  model = modelGateway();
  ports = modelPorts(stores, model.gateway);
});

const ask = (incidentId: string) => askStandDown(ports, { incidentId, by: "ada", reason: "planned" });
const jobs = () => ports.dispatch.added.filter(({ queue }) => queue === "recovery").map(({ jobId }) => jobId);

describe("a stand-down that was asked before", () => {
  it("gets its job again where that was lost, and no second one beside it where it was not", async () => {
    const id = await trouble(ports, agentId, abort);
    expect(await ask(id)).toBe("begun");
    const [first] = jobs();
    expect(await ask(id)).toBe("running");
    expect(jobs()).toEqual([first]);
    const dispatch = { ...ports.dispatch, isLive: async () => false };
    await askStandDown({ ...ports, dispatch }, { incidentId: id, by: "mira", reason: "the same" });
    expect(jobs()).toEqual([first, `${first}-again`]);
    expect((await stores.incidents.load(id))?.standDown).toMatchObject({ by: "ada", reason: "planned" });
  });

  it("by nobody, when that was still taken, can be asked again and comes to its end", async () => {
    const id = await trouble(ports, agentId, abort);
    await stores.incidents.beginStandDown(id, "ada", "planned");
    await stores.redis.hset(keys.incident(0, id), { standDownBy: "", acknowledgedBy: "" });
    expect(await stores.incidents.load(id)).toMatchObject({ standDown: { by: "" }, acknowledged: { by: "" } });
    expect(await ask(id)).toBe("running");
    expect(await standDown(ports, { incidentId: id }, abort)).toEqual({ answer: "restored" });
    expect((await stores.incidents.load(id))?.status).toBe("stood-down");
    expect(model.caps.dailyCap).not.toBe(0n);
  });
});

describe("caps that are said with a stand-down, where nobody saw them before", () => {
  const caps = { daily: "9000.00", monthly: "none" };
  const say = (incidentId: string) => askStandDown(ports, { incidentId, by: "ada", reason: "planned", caps });
  const comesToItsEnd = (incidentId: string) => standDown(ports, { incidentId }, abort);
  /** Frozen, and its caps from before are not known. */
  async function blindlyFrozen(): Promise<string> {
    const id = await trouble(ports, agentId, abort);
    await stores.redis.hdel(keys.agent(0, agentId), "snapAt", "snapSource", "capsAt");
    return id;
  }
  const nextSnapshot = async () => stores.caps.snapshot(agentId, await trouble(ports, agentId, abort));

  it("must be said, and are restored", async () => {
    const id = await blindlyFrozen();
    await expect(ask(id)).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("Nobody saw") });
    expect(await say(id)).toBe("begun");
    expect(await comesToItsEnd(id)).toEqual({ answer: "restored" });
    expect(model.caps).toMatchObject({ dailyCap: money("9000.00"), monthlyCap: null });
  });

  it("are not those from before the next incident where the same is said again once it is over", async () => {
    const id = await blindlyFrozen();
    await say(id);
    await comesToItsEnd(id);
    await expect(say(id)).rejects.toThrow("over already");
    model.caps = capsBefore;
    expect(await nextSnapshot()).toMatchObject(capsBefore);
  });

  it("nor where they are back, and it is not over yet: then nothing need be said any more", async () => {
    const id = await blindlyFrozen();
    await say(id);
    const setStatus = () => Promise.reject(new Error("killed"));
    const dying = { ...ports, incidents: { ...ports.incidents, setStatus } };
    await expect(standDown(dying, { incidentId: id }, abort)).rejects.toThrow("killed");
    expect(await stores.caps.snapshot(agentId, id)).toBeNull();
    expect(await say(id)).toBe("running");
    expect(await ask(id)).toBe("running");
    model.caps = capsBefore;
    expect(await nextSnapshot()).toMatchObject(capsBefore);
  });

  it.each([
    ["of a dry run", openRequest({ agentId }, { dryRun: true })],
    ["where its caps were left alone", openRequest({ agentId }, { runbook: "agent-restriction" })],
  ])("nor %s", async (_, request) => {
    const { incidentId } = await stores.incidents.open(request);
    await say(incidentId);
    await comesToItsEnd(incidentId);
    model.caps = capsBefore;
    expect(await nextSnapshot()).toMatchObject(capsBefore);
  });
});

describe("Redis itself", () => {
  it("remembers no caps for an incident that does not hold the agent", async () => {
    const { incidentId: id } = await stores.incidents.open(openRequest({ agentId }));
    await stores.incidents.beginStandDown(id, "ada", "planned");
    expect(await stores.caps.takeSnapshot(agentId, id, capsBefore, "configured")).toBeNull();
    expect(await stores.caps.snapshot(agentId, id)).toBeNull();
  });

  it("lifts no hold, acknowledges nothing and shuts nothing down in the name of nobody", async () => {
    const { incidentId: id } = await stores.incidents.open(openRequest({ agentId }));
    for (const [by, reason] of [
      ["", "planned"],
      ["ada", ""],
    ] as const) {
      await expect(stores.incidents.beginStandDown(id, by, reason)).rejects.toThrow("who and why must be said");
      await expect(stores.fleet.beginShutdown(by, reason)).rejects.toThrow("who and why must be said");
    }
    await expect(stores.escalations.acknowledge(id, "")).rejects.toThrow("who must be said");
    expect(await stores.incidents.load(id)).toMatchObject({ standDown: null, acknowledged: null });
    expect(await stores.redis.smembers(`${keys.agent(0, agentId)}:holds`)).toEqual([id]);
    expect(await stores.fleet.shutdown()).toBeNull();
  });
});
