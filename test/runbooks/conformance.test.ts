import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ConnectedGateway, connectGateway } from "../../src/greenhelix/connect.ts";
import { oneKey } from "../../src/greenhelix/keys.ts";
import { formatMoney, money } from "../../src/incident/money.ts";
import type { SignalKind } from "../../src/incident/signal.ts";
import { runbooks } from "../../src/runbooks/index.ts";
import { type Runbook, runSteps } from "../../src/runbooks/runbook.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.ts";
import { aSignal, openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { type SandboxAdmin, sandboxAdmin } from "../support/sandbox-admin.ts";
import { type Interruption, interrupted } from "./interruption.ts";
import { stepPorts } from "./step-ports.ts";

let stores: Stores;
let sandbox: Sandbox;
let gateway: ConnectedGateway;
let admin: SandboxAdmin;
beforeAll(async () => {
  stores = await openStores();
  sandbox = await startSandbox({ delivery: { isEnabled: false } });
  gateway = connectGateway({ baseUrl: sandbox.url, dialect: "rest", keyFor: oneKey("sandbox-admin-tests") });
  admin = sandboxAdmin(sandbox.url);
});
afterAll(async () => {
  await gateway.close();
  await sandbox.close();
  await stores.close();
});

let agents = 0;
const open = async (runbook: Runbook) => {
  agents += 1;
  const agentId = `agent-${agents}`;
  await admin.placeAgent(agentId, { dailyCap: "500.00", monthlyCap: null });
  await admin.holdEscrows(agentId, "suspect", "150.00", 2);
  await admin.holdEscrows(agentId, "honest", "20.00", 1);
  const signal = aSignal({ agentId, suspectPayee: "suspect", kind: Object.keys(runbook.handles)[0] as SignalKind });
  const { incidentId } = await stores.incidents.open(openRequest(signal, { runbook: runbook.name }));
  return { agentId, incidentId, signal };
};
type Case = Awaited<ReturnType<typeof open>>;

/** One attempt of the job; answers what it called, in order. */
async function attempt({ incidentId, signal }: Case, runbook: Runbook, interruption: Interruption | null = null) {
  const { ports, calls, abort } = interrupted(stepPorts(stores, gateway), interruption);
  const incident = (await stores.incidents.load(incidentId))!;
  const { failed } = await runSteps({ ports, incident, signals: [signal], abort }, runbook.steps);
  return { calls, failed };
}

/** Leases and graces of whoever was killed are over. */
async function timePasses() {
  const actions = await stores.redis.keys("{tq:0}:action:*");
  for (const action of actions)
    if (await stores.redis.hexists(action, "exp")) await stores.redis.hset(action, "exp", 0);
}

/** What a run leaves behind, with nothing in it that may differ from run to run. */
async function worldOf({ agentId, incidentId }: Case) {
  const { agents: all } = await admin.state();
  const { caps, escrows, locked, isFrozen } = all.find((agent) => agent.agentId === agentId)!;
  const refunds = (await admin.effects("escrow.refunded")).filter((effect) => effect.agentId === agentId);
  const snapshot = (await stores.caps.snapshot(agentId, incidentId))!;
  const view = (await stores.incidents.view(incidentId))!;
  return {
    caps,
    escrows,
    locked,
    isFrozen,
    refunds: refunds.length,
    snapshot: [snapshot.dailyCap && formatMoney(snapshot.dailyCap), snapshot.monthlyCap],
    dollars: view.dollars,
    records: view.escrows.map(({ payee, result }) => `${payee} ${result}`).sort(),
    done: view.steps
      .filter(({ status }) => status === "done")
      .map(({ step }) => step)
      .sort(),
  };
}

async function inBatches<T>(items: readonly T[], work: (item: T) => Promise<void>) {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: 6 }, worker));
}

describe.each(runbooks)("runbook $name", (runbook) => {
  it("says what it handles, what is left to do, and gives every step its own name", () => {
    expect(Object.keys(runbook.handles).length).toBeGreaterThan(0);
    expect(runbook.followUp.length).toBeGreaterThan(0);
    for (const priority of Object.values(runbook.handles)) expect(priority).toMatch(/^P[0-3]$/);
    expect(new Set(runbook.steps.map(({ name }) => name)).size).toBe(runbook.steps.length);
  });

  it("records the caps before it freezes, and freezes before anything slow", () => {
    const names = runbook.steps.map(({ name }) => name);
    expect(names.indexOf("record-budget-cap")).toBeLessThan(names.indexOf("freeze-budget"));
    const urgent = runbook.steps.map((step) => step.urgent);
    expect(urgent).toEqual([...urgent].sort((a, b) => Number(b) - Number(a)));
  });

  it("freezes, takes back what is in its scope, and remembers the caps from before", async () => {
    const once = await open(runbook);
    expect(await attempt(once, runbook)).toMatchObject({ failed: [] });
    const refunded = runbook.escrows === "all" ? 3 : 2;
    expect(await worldOf(once)).toMatchObject({
      caps: { daily: "0.00", monthly: "0.00" },
      escrows: { held: 3 - refunded, refunded },
      refunds: refunded,
      snapshot: ["500.00", null],
      dollars: { recovered: formatMoney(money(runbook.escrows === "all" ? 320 : 300)), lost: "0.00" },
      done: runbook.steps.map(({ name }) => name).sort(),
    });
  });

  it("run twice, does nothing the second time", async () => {
    const twice = await open(runbook);
    await attempt(twice, runbook);
    const before = (await admin.effects()).length;
    const { calls } = await attempt(twice, runbook);
    expect(calls).toEqual(["receipts"]);
    expect((await admin.effects()).length).toBe(before);
  });

  it.each(["killed", "unclear"] as const)(
    "%s at any of its calls and run again, leaves the same world as run once",
    async (how) => {
      const once = await open(runbook);
      const { calls } = await attempt(once, runbook);
      const expected = await worldOf(once);
      expect(calls.length).toBeGreaterThan(20);
      const cases = new Map<string, Case>();
      await inBatches([...calls.entries()], async ([index, call]) => {
        const one = await open(runbook);
        cases.set(`${index + 1} ${call}`, one);
        await attempt(one, runbook, { how, at: index + 1 }).catch((error) => error);
      });
      await timePasses();
      const worlds: Record<string, unknown> = {};
      await inBatches([...cases], async ([at, one]) => {
        for (let again = 0; again < 3; again += 1) await attempt(one, runbook);
        worlds[at] = await worldOf(one);
      });
      expect(worlds).toEqual(Object.fromEntries([...cases.keys()].map((at) => [at, expected])));
      expect((await admin.state()).doubleRefunds).toEqual([]);
    },
  );
});
