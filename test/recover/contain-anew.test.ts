import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { contain } from "../../src/contain/contain.ts";
import { freeze } from "../../src/contain/freeze.ts";
import { formatMoney, money } from "../../src/incident/money.ts";
import { askRecovery } from "../../src/recover/ask-recovery.ts";
import { recover } from "../../src/recover/recover.ts";
import { readSettings } from "../../src/settings/settings.ts";
import { aSignal, openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { containedTrouble, type ModelGateway, type ModelPorts, modelGateway, modelPorts } from "./model.ts";
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

const run = async (incidentId: string) => (await recover(ports, { incidentId }, abort)).answer;
const daily = () => formatMoney(model.caps.dailyCap!);
const askedToContain = () =>
  ports.dispatch.added.findLast(({ queue, jobId }) => queue === "freeze" && jobId.startsWith("freeze-sig"));
async function warn(): Promise<void> {
  const signal = aSignal({ agentId, kind: "error-spike", severity: "warning" });
  await stores.verdicts.keep({ signal, tier: "alert-human", decidedBy: "default policy" });
}
/** What the recovery asked for goes its way; the incident that it opened. */
async function containedAnew() {
  const data = askedToContain()!.data as Parameters<typeof freeze>[1];
  const { incidentId } = await freeze(ports, data, abort);
  await contain(ports, { incidentId: incidentId! }, abort);
  return (await stores.incidents.load(incidentId!))!;
}
async function recovering(incidentId: string): Promise<string> {
  await askRecovery(ports, { incidentId, ...said });
  expect(await run(incidentId)).toBe("rung-taken");
  return incidentId;
}
async function containedBy(runbook: string): Promise<string> {
  const drift = { agentId, kind: "reputation-drift", severity: "warning", suspectPayee: null } as const;
  const { incidentId } = await stores.incidents.open(openRequest(drift, { runbook, priority: "P0" }));
  await contain(ports, { incidentId }, abort);
  return incidentId;
}
const observeOnly = (): ModelPorts => ({ ...ports, settings: { ...readSettings(undefined, {}), mode: "observe" } });
const relapsed = async (id: string) =>
  (await stores.incidents.view(id))!.timeline.findLast(({ what }) => what === "relapsed")?.detail;

describe("an agent that relapses at its first rung is contained as it was before", () => {
  it("frozen, where it was frozen as a member of a cascade for a signal that alone only halves", async () => {
    const id = await recovering(await containedBy("cascade-failure"));
    await warn();
    expect(await run(id)).toBe("contained-anew");
    expect(await containedAnew()).toMatchObject({ status: "contained" });
    expect([daily(), formatMoney(model.caps.monthlyCap!)]).toEqual(["0.00", "0.00"]);
  });

  it("halved, where it was halved: no more than that is asked", async () => {
    const id = await recovering(await containedBy("service-degradation"));
    expect(daily()).toBe("250.00");
    model.caps = { ...model.caps, dailyCap: money("300.00") };
    expect(await run(id)).toBe("contained-anew");
    expect(await containedAnew()).toMatchObject({ runbooks: ["service-degradation"] });
    expect(daily()).toBe("250.00");
  });
});

describe("in observe-only mode an agent that relapses at its first rung", () => {
  it("is left as it is, which the page and the timeline say", async () => {
    const id = await recovering(await containedTrouble(ports, agentId, abort));
    await warn();
    ports = observeOnly();
    expect(await run(id)).toBe("left-free");
    expect(ports.dispatch.added.map(({ jobId }) => jobId)).toContain(`page-${id}-stepped-back-1`);
    expect(await relapsed(id)).toMatchObject({ containedAnew: false, leftFree: true });
    expect([await run(id), await run(id)]).toEqual(["standing", "standing"]);
    expect([askedToContain(), daily()]).toEqual([undefined, "250.00"]);
  });

  it("is contained anew as soon as the product acts again", async () => {
    const acting = ports;
    const id = await recovering(await containedTrouble(ports, agentId, abort));
    await warn();
    ports = observeOnly();
    await run(id);
    await run(id);
    ports = acting;
    await run(id);
    expect(await containedAnew()).toMatchObject({ dryRun: false, decidedBy: `recovery of ${id}` });
    expect(daily()).toBe("0.00");
    expect(await run(id)).toBe("superseded");
  });

  it("is told of once for each warning", async () => {
    const id = await recovering(await containedTrouble(ports, agentId, abort));
    ports = observeOnly();
    for (let i = 0; i < 2; i += 1) {
      await warn();
      expect([await run(id), await run(id)]).toEqual(["left-free", "standing"]);
    }
    const pages = ports.dispatch.added.filter(({ jobId }) => jobId.includes("stepped-back"));
    expect(pages.map(({ jobId }) => jobId)).toEqual([1, 2].map((n) => `page-${id}-stepped-back-${n}`));
  });

  it("at a later rung steps back as ever: a person ordered the recovery", async () => {
    const id = await recovering(await containedTrouble(ports, agentId, abort));
    const recovery = (await stores.recoveries.load(id))!;
    await stores.recoveries.change(id, recovery, { ...recovery, rung: 1 }, null);
    await warn();
    ports = observeOnly();
    expect(await run(id)).toBe("stepped-back");
    expect(await relapsed(id)).toMatchObject({ containedAnew: false });
    expect(daily()).toBe("250.00");
  });
});
