import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { money } from "../../src/incident/money.ts";
import { askRecovery, type RecoveryRequest } from "../../src/recover/ask-recovery.ts";
import { askStandDown } from "../../src/recover/ask-stand-down.ts";
import { recover } from "../../src/recover/recover.ts";
import { standDown } from "../../src/recover/stand-down.ts";
import { readSettings } from "../../src/settings/settings.ts";
import { everythingIn } from "../redis/everything-in.ts";
import { openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { containedTrouble, type ModelGateway, type ModelPorts, modelGateway, modelPorts, trouble } from "./model.ts";
import { said } from "./recovering-world.ts";

let stores: Stores;
let model: ModelGateway;
let ports: ModelPorts;
const agentId = "agent-7";
const { signal: abort } = new AbortController();

beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(async () => {
  await stores.redis.flushdb();
  model = modelGateway();
  ports = modelPorts(stores, model.gateway);
});

const ask = (incidentId: string, more: Partial<RecoveryRequest> = {}) =>
  askRecovery(ports, { incidentId, ...said, ...more });
const refused = (code: string, message: string) => ({ code, message: expect.stringContaining(message) });
const rungs = async (id: string) =>
  (await stores.recoveries.load(id))?.rungs.map(({ dailyCap, monthlyCap }) => [dailyCap, monthlyCap]);
/** A frozen agent that had these caps before; null: nobody saw them. */
async function containedWith(before: ModelGateway["caps"] | null): Promise<string> {
  if (before) model.caps = before;
  const id = await containedTrouble(ports, agentId, abort);
  if (before === null) await stores.redis.hdel(`{tq:0}:agent:${agentId}`, "snapAt", "snapSource", "capsAt");
  return id;
}

describe("asking for a recovery", () => {
  it("is done once: the first who asks counts, and whoever asks again is told that it runs", async () => {
    const id = await containedWith(model.caps);
    expect(await ask(id)).toBe("asked");
    expect(await ask(id, { by: "mira" })).toBe("running");
    expect((await stores.recoveries.load(id))?.by).toBe("ada");
    await recover(ports, { incidentId: id }, abort);
    expect(await ask(id)).toBe("running");
    const asked = ports.dispatch.added.filter(({ jobId }) => jobId === `recover-${id}`);
    expect(asked).toHaveLength(1);
  });

  it("by two at the very same time is asked by one", async () => {
    const id = await containedWith(model.caps);
    const answers = await Promise.all([ask(id), ask(id, { by: "mira" })]);
    expect(answers.sort()).toEqual(["asked", "running"]);
  });

  it.each([
    ["a name", { by: " " }],
    ["a root cause", { rootCause: "" }],
    ["a fix", { fix: "\n" }],
    ["caps that are amounts", { caps: { daily: "much", monthly: "none" } }],
  ])("needs %s", async (_what, more) => {
    const id = await containedWith(null);
    await expect(ask(id, more)).rejects.toMatchObject({ code: "input-invalid" });
    expect(await stores.recoveries.load(id)).toBeNull();
  });

  it("says what else to do where it cannot be asked", async () => {
    await expect(ask("inc-0-none-1")).rejects.toMatchObject(refused("not-found", "no incident"));
    const id = await trouble(ports, agentId, abort);
    await expect(ask(id)).rejects.toMatchObject(refused("conflict", "begins when it is contained"));
    const dry = await stores.incidents.open(openRequest({ agentId: "agent-8" }, { dryRun: true }));
    await expect(ask(dry.incidentId)).rejects.toMatchObject(refused("conflict", "stand it down instead"));
    await stores.incidents.beginStandDown(id, "mira", "planned");
    await expect(ask(id)).rejects.toMatchObject(refused("conflict", "mira called"));
    await stores.incidents.setStatus(id, "stood-down", "recover", {});
    await expect(ask(id)).rejects.toMatchObject(refused("conflict", "is over already"));
  });
});

describe("the caps from before", () => {
  const uncapped = { dailyCap: null, monthlyCap: null, alertThreshold: 0.7 };

  it("that nobody saw must be said, and come back as they were said", async () => {
    const id = await containedWith(null);
    await expect(ask(id)).rejects.toMatchObject(refused("conflict", "say what to restore"));
    expect(await ask(id, { caps: { daily: "80.00", monthly: "none" } })).toBe("asked");
    await recover(ports, { incidentId: id }, abort);
    expect(await rungs(id)).toEqual([
      ["40.00", null],
      ["60.00", null],
      ["80.00", null],
    ]);
  });

  it("that are known are not asked for: others than those are refused", async () => {
    const id = await containedWith(model.caps);
    await expect(ask(id, { caps: { daily: "9000.00", monthly: "none" } })).rejects.toMatchObject(
      refused("conflict", "leave caps out"),
    );
    expect(await ask(id, { caps: { daily: "500.00", monthly: "15000.00" } })).toBe("asked");
  });

  it("that were none need some that the steps are shares of, and none comes back at 100 %", async () => {
    const id = await containedWith(uncapped);
    await expect(ask(id)).rejects.toMatchObject(refused("conflict", "name the caps"));
    await expect(ask(id, { caps: { daily: "none", monthly: "none" } })).rejects.toMatchObject({ code: "conflict" });
    expect(await ask(id, { caps: { daily: "100.00", monthly: "none" } })).toBe("asked");
    await recover(ports, { incidentId: id }, abort);
    expect(await rungs(id)).toEqual([
      ["50.00", null],
      ["75.00", null],
      [null, null],
    ]);
  });

  it("that nobody saw and a person says were none: what the steps are shares of is said with it", async () => {
    const id = await containedWith(null);
    const none = { daily: "none", monthly: "none" };
    for (const more of [{ caps: none }, { caps: none, uncapped: true }, { uncapped: true }])
      await expect(ask(id, more)).rejects.toMatchObject(refused("conflict", "name the caps"));
    expect(await ask(id, { caps: { daily: "100.00", monthly: "none" }, uncapped: true })).toBe("asked");
    await recover(ports, { incidentId: id }, abort);
    expect(await rungs(id)).toEqual([
      ["50.00", null],
      ["75.00", null],
      [null, null],
    ]);
    expect(await stores.caps.snapshot(agentId, id)).toMatchObject({ dailyCap: null, monthlyCap: null, source: "said" });
  });

  it("that are known are not called none by anybody", async () => {
    const id = await containedWith(model.caps);
    const said = { caps: { daily: "100.00", monthly: "none" }, uncapped: true };
    await expect(ask(id, said)).rejects.toMatchObject(refused("conflict", "leave caps out"));
  });

  it("are not kept with an order that is refused: the next person says them, and those come back", async () => {
    const id = await containedWith(null);
    const before = await everythingIn(stores.redis);
    await expect(ask(id, { caps: { daily: "none", monthly: "none" } })).rejects.toMatchObject({ code: "conflict" });
    expect(await everythingIn(stores.redis)).toEqual(before);
    const caps = { daily: "700.00", monthly: "9000.00" };
    await askStandDown(ports, { incidentId: id, by: "mira", reason: "planned", caps });
    await standDown(ports, { incidentId: id }, abort);
    expect(model.caps).toMatchObject({ dailyCap: money("700.00"), monthlyCap: money("9000.00") });
  });

  it("are not kept either where a gate refuses the recovery", async () => {
    const id = await containedWith(null);
    await ask(id, { caps: { daily: "1000000.00", monthly: "none" } });
    await stores.incidents.open(openRequest({ agentId }));
    await stores.incidents.setStatus(id, "contained", "contain", {});
    expect(await recover(ports, { incidentId: id }, abort)).toMatchObject({ answer: "refused" });
    expect(await stores.caps.snapshot(agentId, id)).toBeNull();
    expect(await ask(id, { by: "mira", caps: { daily: "80.00", monthly: "none" } })).toBe("asked");
    await recover(ports, { incidentId: id }, abort);
    expect((await rungs(id))?.at(-1)).toEqual(["80.00", null]);
  });

  it("that were none come back at once where the ramp has one step of 100 %", async () => {
    const settings = readSettings("recovery: { rungs: [{ afterMs: 0, percent: 100 }] }", {});
    ports = modelPorts(stores, model.gateway, settings);
    const id = await containedWith(uncapped);
    expect(await ask(id)).toBe("asked");
    await recover(ports, { incidentId: id }, abort);
    expect(model.caps).toMatchObject(uncapped);
  });

  it("keep the rungs that the recovery began with, whatever becomes of the settings", async () => {
    const id = await containedWith(model.caps);
    await ask(id);
    await recover(ports, { incidentId: id }, abort);
    ports = modelPorts(stores, model.gateway, readSettings("recovery: { rungs: [{ afterMs: 0, percent: 100 }] }", {}));
    await recover(ports, { incidentId: id }, abort);
    expect(await rungs(id)).toHaveLength(3);
  });
});
