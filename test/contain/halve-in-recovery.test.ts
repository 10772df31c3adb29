import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { contain } from "../../src/contain/contain.ts";
import type { BudgetCaps } from "../../src/incident/gateway.ts";
import { formatMoney, type Money, money } from "../../src/incident/money.ts";
import { askRecovery } from "../../src/recover/ask-recovery.ts";
import { recover } from "../../src/recover/recover.ts";
import { standDown } from "../../src/recover/stand-down.ts";
import { capsBefore } from "../recover/model.ts";
import { abort, agentId, type RecoveringModel, recoveringModel } from "../recover/recovering-model.ts";
import { HOUR_MS, passTime, said } from "../recover/recovering-world.ts";
import { openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";

let stores: Stores;
let one: RecoveringModel;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(async () => {
  one = await recoveringModel(stores);
  await one.run();
});

const text = (cap: Money | null | undefined) =>
  cap === undefined ? "not sent" : cap === null ? null : formatMoney(cap);
const caps = () => [text(one.model.caps.dailyCap), text(one.model.caps.monthlyCap)];
const set = (daily: string | null, monthly: string | null) => {
  const read = (cap: string | null) => (cap === null ? null : money(cap));
  one.model.caps = { ...one.model.caps, dailyCap: read(daily), monthlyCap: read(monthly) };
};
const first = ["250.00", "7500.00"];

/** RB4 halves and does not freeze. Its incident, opened and contained. */
async function worsened(): Promise<string> {
  const signal = { agentId, kind: "reputation-drift", severity: "warning", suspectPayee: null } as const;
  const asks = { runbook: "service-degradation", priority: "P2" } as const;
  const { incidentId } = await stores.incidents.open(openRequest(signal, asks));
  await contain(one.ports, { incidentId }, abort);
  return incidentId;
}
const incident = async (id: string) => (await stores.incidents.load(id))!;

describe("an agent whose work gets worse while it recovers", () => {
  it("is left at most what the recovery had given back: its month is not raised under the new hold", async () => {
    const id = await worsened();
    expect(caps()).toEqual(first);
    expect(await incident(id)).toMatchObject({ status: "contained", supersedes: one.id });
    expect(await one.run()).toBe("superseded");
    await contain(one.ports, { incidentId: id }, abort);
    expect(caps()).toEqual(first);
    expect(await incident(id)).toMatchObject({ reassertions: 0, priority: "P2" });
  });

  it("has half its day on a higher rung, and its month as it is found", async () => {
    await one.pass(6 * HOUR_MS);
    await one.run();
    expect(caps()).toEqual(["375.00", "11250.00"]);
    await worsened();
    expect(caps()).toEqual(["250.00", "11250.00"]);
  });

  it.each([
    ["15000.00", "15000.00"],
    [null, null],
  ])("is set to the rung where it had raised its caps to %s by itself", async (daily, monthly) => {
    set(daily, monthly);
    await worsened();
    expect(caps()).toEqual(first);
  });

  it("has the month of the rung where the gateway shows none", async () => {
    const { gateway } = one.ports;
    const read = gateway.readBudget;
    gateway.readBudget = async (...args) => ({ ...(await read(...args)), monthlyCap: undefined });
    const id = await worsened();
    expect(caps()).toEqual(first);
    expect((await incident(id)).status).toBe("contained");
    set("300.00", "7500.00");
    await contain(one.ports, { incidentId: id }, abort);
    expect(caps()).toEqual(first);
  });

  it("gets back all it had before both, by a stand-down", async () => {
    const id = await worsened();
    await one.run();
    await stores.incidents.beginStandDown(id, "ada", "planned");
    expect(await standDown(one.ports, { incidentId: id }, abort)).toEqual({ answer: "restored" });
    expect(one.model.caps).toEqual(capsBefore);
  });

  it("and rung by rung, by a recovery", async () => {
    const id = await worsened();
    await one.run();
    await askRecovery(one.ports, { incidentId: id, ...said });
    const run = async () => (await recover(one.ports, { incidentId: id }, abort)).answer;
    await run();
    const seen: BudgetCaps[] = [one.model.caps];
    for (const hours of [6, 18]) {
      await passTime(stores.redis, id, hours * HOUR_MS);
      expect(await run()).toBe("rung-taken");
      seen.push(one.model.caps);
    }
    expect(seen.map(({ monthlyCap }) => text(monthlyCap))).toEqual(["7500.00", "11250.00", "15000.00"]);
    expect(one.model.caps).toEqual(capsBefore);
  });
});

describe("a halved budget is held", () => {
  it.each(["7500.01", null])("in its month too: %s a month is put back, and counts as a breach", async (monthly) => {
    const id = await worsened();
    set("250.00", monthly);
    await contain(one.ports, { incidentId: id }, abort);
    expect(caps()).toEqual(first);
    expect((await incident(id)).reassertions).toBe(1);
  });

  it("and where only the day was raised, a month that somebody lowered stays lower", async () => {
    const id = await worsened();
    set("250.00", "1000.00");
    await contain(one.ports, { incidentId: id }, abort);
    expect((await incident(id)).reassertions).toBe(0);
    set("250.01", "1000.00");
    await contain(one.ports, { incidentId: id }, abort);
    expect(caps()).toEqual(["250.00", "1000.00"]);
  });

  it("at the month of the rung also where its receipt says nothing of a month", async () => {
    const id = await worsened();
    const key = `{tq:0}:incident:${id}:receipts`;
    const receipt = JSON.parse((await stores.redis.hget(key, "halve-budget"))!);
    receipt.result.monthlyCap = undefined;
    await stores.redis.hset(key, "halve-budget", JSON.stringify(receipt));
    set("250.00", "7500.01");
    await contain(one.ports, { incidentId: id }, abort);
    expect(caps()).toEqual(first);
  });
});
