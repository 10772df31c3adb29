import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { money } from "../../src/incident/money.ts";
import { askStandDown, type StandDownRequest } from "../../src/recover/ask-stand-down.ts";
import { standDown } from "../../src/recover/stand-down.ts";
import { keys } from "../../src/redis/keys.ts";
import { everythingIn } from "../redis/everything-in.ts";
import { openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { nobodySawCaps } from "../redis/unseen-caps.ts";
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

const who = { by: "ada", reason: "planned" };
const caps = { daily: "9000.00", monthly: "none" };
const typo = { daily: "1000000.00", monthly: "none" };
const ask = (incidentId: string) => askStandDown(ports, { incidentId, ...who });
const say = (incidentId: string, more: Partial<StandDownRequest> = {}) =>
  askStandDown(ports, { incidentId, ...who, caps, ...more });
const conflict = (message: string) => ({ code: "conflict", message: expect.stringContaining(message) });
const everything = () => everythingIn(stores.redis);
/** Frozen, and its caps from before are not known. */
async function blindlyFrozen(): Promise<string> {
  const id = await trouble(ports, agentId, abort);
  await stores.redis.hdel(keys.agent(0, agentId), "snapAt", "snapSource", "capsAt");
  return id;
}
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
  const comesToItsEnd = (incidentId: string) => standDown(ports, { incidentId }, abort);
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
  ])("nor %s: there they are refused, and nothing need be said", async (_, request) => {
    const { incidentId } = await stores.incidents.open(request);
    await expect(say(incidentId)).rejects.toMatchObject(conflict("were left as they are: leave caps out"));
    expect(await ask(incidentId)).toBe("begun");
    await comesToItsEnd(incidentId);
    model.caps = capsBefore;
    expect(await nextSnapshot()).toMatchObject(capsBefore);
  });

  it("are refused where the gateway showed others; the same again are fine", async () => {
    const id = await trouble(ports, agentId, abort);
    const before = await everything();
    await expect(say(id)).rejects.toMatchObject(conflict("are known (daily 500.00, monthly 15000.00) and come back"));
    expect(await everything()).toEqual(before);
    expect(await say(id, { caps: { daily: "500", monthly: "15000.00" } })).toBe("begun");
  });

  it("are refused where others are on their way back, and taken for what they are where they are the same", async () => {
    const id = await blindlyFrozen();
    await say(id);
    await expect(say(id, { caps: typo })).rejects.toMatchObject(conflict("ada called"));
    expect(await say(id)).toBe("running");
    expect(await stores.caps.snapshot(agentId, id)).toMatchObject({ dailyCap: money("9000.00"), source: "said" });
  });
});

describe("a stand-down that is refused, since something joined", () => {
  it("keeps nothing of what was said with it: the next person's caps count", async () => {
    const id = await blindlyFrozen();
    const before = await everything();
    const late = { caps: typo, joined: 7 };
    await expect(say(id, late)).rejects.toMatchObject(conflict("nothing was stood down"));
    expect(await everything()).toEqual(before);
    expect(await say(id)).toBe("begun");
    await standDown(ports, { incidentId: id }, abort);
    expect(model.caps).toMatchObject({ dailyCap: money("9000.00"), monthlyCap: null });
  });
});

describe("caps that a person said, when new trouble comes before they are back", () => {
  /** Stood down with a typo; the gateway has not taken them yet, and the agent is frozen anew. */
  async function frozenAnew(): Promise<string> {
    await say(await blindlyFrozen(), { caps: typo });
    return trouble(ports, agentId, abort);
  }

  it("come back with that one's stand-down, or those that the next person says instead", async () => {
    const id = await frozenAnew();
    const { at, ...known } = (await stores.caps.snapshot(agentId, id))!;
    expect(known).toMatchObject({ dailyCap: money("1000000.00"), source: "said" });
    expect(await say(id)).toBe("begun");
    expect(await stores.caps.snapshot(agentId, id)).toEqual({ ...known, at, dailyCap: money("9000.00") });
    await standDown(ports, { incidentId: id }, abort);
    expect(model.caps).toMatchObject({ dailyCap: money("9000.00"), monthlyCap: null });
  });

  it("are replaced by nobody once a raise of them began", async () => {
    const first = await blindlyFrozen();
    await say(first, { caps: typo });
    const { setBudget } = model.gateway;
    model.gateway.setBudget = () => Promise.reject(new Error("killed"));
    await expect(standDown(ports, { incidentId: first }, abort)).rejects.toThrow("killed");
    model.gateway.setBudget = setBudget;
    const id = await trouble(ports, agentId, abort);
    await expect(say(id)).rejects.toMatchObject(conflict("are known (daily 1000000.00, monthly none)"));
    expect(await ask(id)).toBe("begun");
  });
});

describe("caps that are still being read", () => {
  it("are said by nobody, until the gateway failed to show them once, or nobody had seen them", async () => {
    for (const end of [
      (id: string) => stores.incidents.note(id, "contain", "caps-unread", { code: "gateway-failed" }),
      (id: string) => nobodySawCaps(stores, id),
    ]) {
      await stores.redis.flushdb();
      const { incidentId: id } = await stores.incidents.open(openRequest({ agentId }));
      const before = await everything();
      for (const caps of [{}, { caps: typo }])
        await expect(askStandDown(ports, { incidentId: id, ...who, ...caps })).rejects.toMatchObject(
          conflict("are just being read"),
        );
      expect(await everything()).toEqual(before);
      await end(id);
      await expect(ask(id)).rejects.toMatchObject(conflict("Nobody saw"));
      expect(await say(id)).toBe("begun");
    }
  });
});

describe("Redis itself", () => {
  it("remembers no caps for an incident that does not hold the agent", async () => {
    const { incidentId: id } = await stores.incidents.open(openRequest({ agentId }));
    await stores.incidents.beginStandDown(id, "ada", "planned");
    expect(await stores.caps.takeSnapshot(agentId, id, capsBefore, "configured")).toBeNull();
    expect(await stores.caps.snapshot(agentId, id)).toBeNull();
  });

  it("takes no order with caps that were decided by another snapshot than stands, and changes nothing", async () => {
    const { incidentId: id } = await stores.incidents.open(openRequest({ agentId }));
    const known = (await stores.caps.takeSnapshot(agentId, id, capsBefore, "gateway"))!;
    const before = await everything();
    for (const insteadOf of [null, { ...known, dailyCap: money("1.00") }, { ...known, raised: true as const }]) {
      const said = { dailyCap: null, monthlyCap: null, insteadOf };
      expect(await stores.incidents.beginStandDown(id, "ada", "planned", { joined: 1, said })).toMatchObject({
        answer: "other-caps",
      });
    }
    expect(await everything()).toEqual(before);
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
