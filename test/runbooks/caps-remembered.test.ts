import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { BudgetCaps, Gateway } from "../../src/incident/gateway.ts";
import { money } from "../../src/incident/money.ts";
import { runSteps, type StepContext } from "../../src/runbooks/runbook.ts";
import { freezeBudget } from "../../src/runbooks/steps/freeze-budget.ts";
import { recordBudgetCap } from "../../src/runbooks/steps/record-budget-cap.ts";
import { openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { stepPorts } from "./step-ports.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(() => stores.redis.flushdb().then(() => undefined));

const agentId = "agent-7";
const caps = (daily: string | null, monthly: string | null = null): BudgetCaps => ({
  dailyCap: daily === null ? null : money(daily),
  monthlyCap: monthly === null ? null : money(monthly),
  alertThreshold: undefined,
});
const shown = (read: BudgetCaps) => ({
  ...read,
  agentId,
  dailySpend: undefined,
  monthlySpend: undefined,
  utilizationPct: 0,
});

/**
 * An agent whose caps a poller saw a moment ago, frozen now. The gateway shows `atGateway` until the freeze has landed; slow: its
 * answer to the read comes after that, and is still what it was when it was asked.
 */
async function frozen(
  seen: BudgetCaps,
  atGateway: BudgetCaps,
  options: { runbook?: string; readsFrozen?: boolean } = {},
) {
  await stores.caps.see(agentId, seen);
  const { incidentId } = await stores.incidents.open(
    openRequest({ agentId }, options.runbook ? { runbook: options.runbook, priority: "P2" } : {}),
  );
  const said: string[] = [];
  const landed = Promise.withResolvers<void>();
  const gateway = {
    async readBudget() {
      said.push("read");
      // The freeze goes out although this has not been answered.
      if (!options.runbook) await landed.promise;
      return shown(options.readsFrozen ? caps("0.00", "0.00") : atGateway);
    },
    async setBudget(_agent: string, to: BudgetCaps) {
      said.push("freeze");
      landed.resolve();
      return { outcome: "done", value: to };
    },
  } as unknown as Gateway;
  const context: StepContext = {
    ports: stepPorts(stores, gateway),
    incident: (await stores.incidents.load(incidentId))!,
    signals: [],
    abort: new AbortController().signal,
  };
  const steps = options.runbook ? [recordBudgetCap] : [recordBudgetCap, freezeBudget];
  expect(await runSteps(context, steps)).toEqual({ failed: [] });
  const view = (await stores.incidents.view(incidentId))!;
  return {
    said,
    snapshot: await stores.caps.snapshot(agentId, incidentId),
    notes: view.timeline.map(({ what }) => what),
  };
}

describe("caps that were only remembered", () => {
  it("are asked for again beside the freeze, which waits for no answer", async () => {
    const { said, snapshot } = await frozen(caps("1000.00", "20000.00"), caps("1000.00", "20000.00"));
    expect(said).toEqual(["read", "freeze"]);
    expect(snapshot).toMatchObject({ ...caps("1000.00", "20000.00"), source: "gateway" });
  });

  it("give way to what a person set since: that is what comes back, and the timeline says so", async () => {
    const { snapshot, notes } = await frozen(caps("1000.00", "20000.00"), caps("200.00", "900.00"));
    expect(snapshot).toMatchObject(caps("200.00", "900.00"));
    expect(notes).toContain("caps-changed-since-last-seen");
  });

  it("do not stay uncapped where caps were set since", async () => {
    const { snapshot } = await frozen(caps(null, null), caps("1000.00", "20000.00"));
    expect(snapshot).toMatchObject(caps("1000.00", "20000.00"));
  });

  it("stay where the answer shows our own zero already", async () => {
    const { snapshot } = await frozen(caps("1000.00", "20000.00"), caps("200.00"), { readsFrozen: true });
    expect(snapshot).toMatchObject({ ...caps("1000.00", "20000.00"), source: "last-seen" });
  });

  it("keep the month where the gateway shows none", async () => {
    const { snapshot } = await frozen(caps("1000.00", "20000.00"), { ...caps("200.00"), monthlyCap: undefined });
    expect(snapshot).toMatchObject(caps("200.00", "20000.00"));
  });

  it("are waited for where nothing is frozen: half of them is counted from the truth", async () => {
    const { said, snapshot } = await frozen(caps("1000.00"), caps("200.00"), { runbook: "service-degradation" });
    expect(said).toEqual(["read"]);
    expect(snapshot).toMatchObject({ ...caps("200.00"), source: "gateway" });
  });
});

describe("caps that were remembered for an incident before this one", () => {
  it("are not replaced by what that one left of them (G10)", async () => {
    await stores.caps.see(agentId, caps("500.00"));
    const { incidentId: first } = await stores.incidents.open(openRequest({ agentId }));
    // Called off, and before its caps are back there is new trouble: the gateway shows the half it had set.
    await stores.incidents.beginStandDown(first, "mira", "false alarm");
    const { incidentId: second } = await stores.incidents.open(openRequest({ agentId }));
    await stores.redis.hincrby(`{tq:0}:incident:${second}`, "openedAt", 1);
    expect(await stores.caps.confirmSnapshot(agentId, second, caps("250.00"))).toBe(false);
    expect(await stores.caps.snapshot(agentId, second)).toMatchObject({ ...caps("500.00"), source: "last-seen" });
  });
});

describe("a snapshot that was read at the gateway", () => {
  it("is never replaced (G10)", async () => {
    const { incidentId } = await stores.incidents.open(openRequest({ agentId }));
    await stores.caps.takeSnapshot(agentId, incidentId, caps("500.00"), "gateway");
    expect(await stores.caps.confirmSnapshot(agentId, incidentId, caps("1.00"))).toBe(false);
    expect(await stores.caps.snapshot(agentId, incidentId)).toMatchObject({ dailyCap: money("500.00") });
  });
});
