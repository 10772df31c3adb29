import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { TourniquetError } from "../../src/errors.ts";
import type { BudgetCaps } from "../../src/incident/gateway.ts";
import { money } from "../../src/incident/money.ts";
import { askRecovery } from "../../src/recover/ask-recovery.ts";
import { askStandDown } from "../../src/recover/ask-stand-down.ts";
import { capsToGiveBack } from "../../src/recover/caps-to-give-back.ts";
import { recover } from "../../src/recover/recover.ts";
import { standDown } from "../../src/recover/stand-down.ts";
import { readSettings, type Settings } from "../../src/settings/settings.ts";
import { openRequest } from "../redis/open-request.ts";
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

const cap = (amount: string | null) => (amount === null ? null : money(amount));
const caps = (daily: string | null, monthly: string | null | undefined): BudgetCaps => ({
  ...{ dailyCap: cap(daily), alertThreshold: undefined },
  monthlyCap: monthly === undefined ? undefined : cap(monthly),
});
const shown = async (id: string) => (await capsToGiveBack(ports, (await stores.incidents.load(id))!))!;
const unreadable = async () => {
  throw new TourniquetError("gateway-failed", "it does not say");
};
const inSettings = (): Settings =>
  readSettings('fleet: { agents: [{ id: agent-7, wallet: w, caps: { daily: "500.00", monthly: "9000.00" } }] }', {});

/** What was seen before, what the gateway shows as the freeze leaves, and what is said of the two then. */
const situations: readonly {
  when: string;
  seen?: BudgetCaps;
  shows: BudgetCaps | null;
  settings?: () => Settings;
  before: { daily: string | null; monthly: string | null };
  is: object;
}[] = [
  {
    when: "the gateway showed them",
    shows: caps("500.00", "15000.00"),
    before: { daily: "500.00", monthly: "15000.00" },
    is: { source: "gateway", isConfirmed: true, month: "known" },
  },
  {
    when: "they were seen as none, and somebody set others before the freeze",
    seen: caps(null, null),
    shows: caps("1000.00", "20000.00"),
    before: { daily: "1000.00", monthly: "20000.00" },
    is: { source: "gateway", isConfirmed: true, month: "known" },
  },
  {
    when: "they were seen, and the gateway did not show them again",
    seen: caps("1000.00", null),
    shows: null,
    before: { daily: "1000.00", monthly: null },
    is: { source: "last-seen", isConfirmed: false, month: "known" },
  },
  {
    when: "the gateway never shows the month's",
    shows: caps("500.00", undefined),
    before: { daily: "500.00", monthly: "15000.00" },
    is: { source: "gateway", isConfirmed: true, month: "reckoned" },
  },
  {
    when: "the settings say the month's",
    shows: caps("500.00", undefined),
    settings: inSettings,
    before: { daily: "500.00", monthly: "9000.00" },
    is: { source: "gateway", isConfirmed: true, month: "settings" },
  },
  {
    when: "only the settings say them",
    shows: null,
    settings: inSettings,
    before: { daily: "500.00", monthly: "9000.00" },
    is: { source: "configured", isConfirmed: false, month: "known", seenAt: null },
  },
];

describe.each(situations)("what is said to come back where $when", ({ seen, shows, settings, before, is }) => {
  async function contained(): Promise<string> {
    if (settings) ports = modelPorts(stores, model.gateway, settings());
    if (seen) await stores.caps.see(agentId, seen);
    if (shows) model.caps = shows;
    const { readBudget } = model.gateway;
    if (!shows) model.gateway.readBudget = unreadable;
    const id = await containedTrouble(ports, agentId, abort).catch(async () => {
      // Without a read-back it is frozen, and not known to be.
      const open = (await stores.incidents.allOpen())[0]!;
      await stores.incidents.setStatus(open.id, "containing", "contain", {});
      await stores.incidents.setStatus(open.id, "contained", "contain", {});
      return open.id;
    });
    model.gateway.readBudget = readBudget;
    return id;
  }

  it("is what a stand-down puts back", async () => {
    const id = await contained();
    expect(await shown(id)).toMatchObject({ isTaken: true, before, ...is });
    await askStandDown(ports, { incidentId: id, by: "ada", reason: "a drill" });
    expect(await standDown(ports, { incidentId: id }, abort)).toEqual({ answer: "restored" });
    expect([model.caps.dailyCap, model.caps.monthlyCap]).toEqual([cap(before.daily), cap(before.monthly)]);
    expect(await capsToGiveBack(ports, (await stores.incidents.load(id))!)).toBeNull();
  });

  it("is what every rung of a recovery gives", async () => {
    const id = await contained();
    const { rungs } = await shown(id);
    await askRecovery(ports, { incidentId: id, ...said });
    await recover(ports, { incidentId: id }, abort);
    const planned = (await stores.recoveries.load(id))!.rungs;
    expect(rungs).toEqual(
      planned.map(({ percent, afterMs, dailyCap, monthlyCap }) => ({
        ...{ percent, afterMs },
        caps: { daily: dailyCap, monthly: monthlyCap },
      })),
    );
  });
});

describe("what is said to come back", () => {
  const opened = async (more: Parameters<typeof openRequest>[1] = {}) =>
    (await stores.incidents.open(openRequest({ agentId }, more))).incidentId;

  it("is nothing that anybody knows where nobody saw the caps, nor before a person names what shares are of", async () => {
    const id = await opened();
    const nobody = { isTaken: true, before: null, source: null, isConfirmed: false, seenAt: null };
    expect(await shown(id)).toMatchObject(nobody);
    expect((await shown(id)).rungs.map((rung) => rung.caps)).toEqual([null, null, null]);
    await stores.caps.takeSnapshot(agentId, id, caps(null, null), "gateway");
    const none = { daily: null, monthly: null };
    expect((await shown(id)).rungs.map((rung) => rung.caps)).toEqual([null, null, none]);
  });

  it("leaves open what a month was that no daily cap tells", async () => {
    const id = await opened();
    await stores.caps.takeSnapshot(agentId, id, caps(null, undefined), "gateway");
    const { month, rungs } = await shown(id);
    expect([month, ...rungs.map((rung) => rung.caps)]).toEqual(["unknown", null, null, null]);
  });

  it("tells when caps were seen that nobody confirmed, and not a time at which others were", async () => {
    await stores.caps.see(agentId, caps("500.00", null));
    const seenAt = await stores.caps.lastSeenAt(agentId);
    const id = await opened();
    expect(await shown(id)).toMatchObject({ source: "last-seen", seenAt: new Date(seenAt!).toISOString() });
    await stores.redis.hincrby(`{tq:0}:agent:${agentId}`, "capsAt", 60_000);
    expect(await shown(id)).toMatchObject({ source: "last-seen", seenAt: null });
  });

  it("is nothing where the budget was left alone, and only the day's where it was halved", async () => {
    await stores.caps.see(agentId, caps("500.00", "9000.00"));
    const left = await opened({ runbook: "agent-restriction", priority: "P2" });
    expect(await shown(left)).toMatchObject({ isTaken: false, rungs: [{ percent: 100 }] });
    await stores.redis.flushdb();
    const halved = await opened({ runbook: "service-degradation", priority: "P2" });
    await stores.caps.takeSnapshot(agentId, halved, caps("500.00", "9000.00"), "gateway");
    await stores.incidents.recordReceipt(halved, "halve-budget", "contain", { dailyCap: "250.00", from: "500.00" });
    expect((await shown(halved)).rungs.map((rung) => rung.caps)).toEqual([
      { daily: "250.00", monthly: "9000.00" },
      { daily: "375.00", monthly: "9000.00" },
      { daily: "500.00", monthly: "9000.00" },
    ]);
  });

  it("is nothing of a dry run", async () => {
    const id = await opened({ dryRun: true });
    expect(await capsToGiveBack(ports, (await stores.incidents.load(id))!)).toBeNull();
  });
});
