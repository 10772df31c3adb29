import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ConnectedAgentControl, connectAgentControl } from "../../src/agent-control/http.ts";
import { type ConnectedGateway, connectGateway } from "../../src/greenhelix/connect.ts";
import { oneKey } from "../../src/greenhelix/keys.ts";
import type { Signal } from "../../src/incident/signal.ts";
import { runbooks } from "../../src/runbooks/index.ts";
import { planOf } from "../../src/runbooks/plan.ts";
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
let agentControl: ConnectedAgentControl;
let admin: SandboxAdmin;
beforeAll(async () => {
  stores = await openStores();
  sandbox = await startSandbox({ delivery: { isEnabled: false } });
  gateway = connectGateway({ baseUrl: sandbox.url, dialect: "rest", keyFor: oneKey("sandbox-admin-tests") });
  const baseUrl = `${sandbox.url}/_control`;
  agentControl = connectAgentControl({
    baseUrl,
    token: "sandbox-control-tests",
    deadlineMs: 5_000,
    allowPrivateHosts: false,
  });
  admin = sandboxAdmin(sandbox.url);
});
afterAll(async () => {
  await gateway.close();
  await agentControl.close();
  await sandbox.close();
  await stores.close();
});

interface Case {
  agentId: string;
  incidentId: string;
  signal: Signal;
}

let agents = 0;
const open = async (runbook: Runbook): Promise<Case> => {
  agents += 1;
  const agentId = `agent-${agents}`;
  await admin.placeAgent(agentId, { dailyCap: "500.00", monthlyCap: null });
  await admin.placeAgent(`similar-to-${agentId}`);
  await admin.holdEscrows(agentId, "suspect", "150.00", 1);
  await admin.holdEscrows(agentId, "honest", "20.00", 1);
  const kind = Object.keys(runbook.handles)[0] as Signal["kind"];
  const signal = aSignal({ agentId, suspectPayee: "suspect", kind });
  const { incidentId } = await stores.incidents.open(openRequest(signal, { runbook: runbook.name }));
  return { agentId, incidentId, signal };
};

/** One attempt of the job; answers what it called, in order. */
async function attempt({ incidentId, signal }: Case, runbook: Runbook, interruption: Interruption | null = null) {
  const similarTo = (agentId: string) => [{ agentId: `similar-to-${agentId}`, why: "shares a tool" }];
  const real = { ...stepPorts(stores, gateway), agentControl, similarTo };
  const { ports, calls, abort } = interrupted(real, interruption);
  const incident = (await stores.incidents.load(incidentId))!;
  const { failed } = await runSteps({ ports, incident, signals: [signal], abort }, runbook.steps);
  return { calls, failed };
}

/** Leases and graces of whoever was killed are over. */
async function timePasses() {
  const pipeline = stores.redis.pipeline();
  // A hash that was finished keeps its end: only the claim's time is looked at.
  for (const action of await stores.redis.keys("{tq:0}:action:*")) pipeline.hset(action, "exp", 0);
  await pipeline.exec();
}

/** What runs leave behind, with nothing in it that may differ from run to run. */
async function worldsOf(cases: readonly Case[]) {
  const [{ agents: all, doubleRefunds }, refunds] = await Promise.all([
    admin.state(),
    admin.effects("escrow.refunded"),
  ]);
  expect(doubleRefunds).toEqual([]);
  const byId = new Map(all.map((agent) => [agent.agentId, agent]));
  return Promise.all(
    cases.map(async ({ agentId, incidentId }) => {
      const { caps, escrows, locked, isFrozen, control } = byId.get(agentId)!;
      const [view, snapshot, watched, marks, evidence] = await Promise.all([
        stores.incidents.view(incidentId),
        stores.caps.snapshot(agentId, incidentId),
        stores.marks.leftBy(incidentId, "payee"),
        stores.marks.leftBy(incidentId, "agent"),
        stores.incidents.evidence(incidentId),
      ]);
      return {
        caps,
        escrows,
        locked,
        isFrozen,
        control: { ...control, rotations: control.rotations.length },
        similar: byId.get(`similar-to-${agentId}`)!.control,
        refunds: refunds.filter((effect) => effect.agentId === agentId).length,
        snapshot: snapshot && [String(snapshot.dailyCap), snapshot.monthlyCap],
        watched: watched.map(({ whom, what }) => `${what} ${whom}`),
        asked: marks.map(({ whom, what }) => `${what} ${whom.replace(agentId, "it")}`),
        evidence: Object.keys(evidence).sort(),
        dollars: view!.dollars,
        records: view!.escrows.map(({ payee, result }) => `${payee} ${result}`).sort(),
        done: view!.steps.filter(({ status }) => status === "done").map(({ step }) => step),
      };
    }),
  ).then((worlds) => worlds.map((world) => ({ ...world, done: world.done.sort() })));
}

async function inBatches<T>(items: readonly T[], work: (item: T) => Promise<unknown>) {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

/** Attempts until one finds nothing left to do. */
async function untilDone(one: Case, runbook: Runbook) {
  for (let attempts = 0; attempts < 3; attempts += 1) {
    const { calls } = await attempt(one, runbook);
    if (calls.length === 1) return;
  }
}

const budgets = {
  freeze: { daily: "0.00", monthly: "0.00" },
  halve: { daily: "250.00", monthly: null },
  leave: { daily: "500.00", monthly: null },
};
const recovered = { all: "170.00", "suspect-payee": "150.00", none: "0.00" };
const refundsOf = { all: 2, "suspect-payee": 1, none: 0 };
const has = (runbook: Runbook, step: string) => runbook.steps.some(({ name }) => name === step);

describe.each(runbooks)("runbook $name", (runbook) => {
  it("says what it handles, what is left to do, and gives every step its own name", () => {
    expect(Object.keys(runbook.handles).length).toBeGreaterThan(0);
    expect(runbook.followUp.length).toBeGreaterThan(0);
    for (const priority of Object.values(runbook.handles)) expect(priority).toMatch(/^P[0-3]$/);
    expect(new Set(runbook.steps.map(({ name }) => name)).size).toBe(runbook.steps.length);
    const milder = runbook.unlessCritical?.runbook ?? runbook.name;
    expect(runbooks.map(({ name }) => name)).toContain(milder);
  });

  it("records the caps before it touches them, and works what is urgent before anything slow", () => {
    const names = runbook.steps.map(({ name }) => name);
    const touches = names.findIndex((name) => name === "freeze-budget" || name === "halve-budget");
    expect(touches === -1).toBe(runbook.budget === "leave");
    if (touches >= 0) expect(names.slice(0, touches)).toContain("record-budget-cap");
    const urgent = runbook.steps.map((step) => step.urgent);
    expect(urgent).toEqual([...urgent].sort((a, b) => Number(b) - Number(a)));
    const { urgent: first, slow, lanes } = planOf({ runbooks: [runbook.name] });
    expect(new Set(lanes.flat())).toEqual(new Set(slow));
    expect(lanes.flat()).toHaveLength(slow.length);
    for (const step of first) expect(step.lane).toBeUndefined();
  });

  it("does what it says to budget, escrows and agent, and remembers how it was", async () => {
    const once = await open(runbook);
    expect(await attempt(once, runbook)).toMatchObject({ failed: [] });
    const refunds = refundsOf[runbook.escrows];
    const isStopped = has(runbook, "pause-agent");
    const tools = isStopped ? "none" : has(runbook, "restrict-to-read-only") ? "read-only" : "all";
    const [world] = await worldsOf([once]);
    expect(world).toMatchObject({
      caps: budgets[runbook.budget],
      escrows: { held: 2 - refunds, refunded: refunds },
      refunds,
      snapshot: runbook.budget === "leave" ? null : ["50000000000", null],
      control: { tools, isolated: isStopped, paused: isStopped, rotations: isStopped ? 1 : 0 },
      similar: { tools: has(runbook, "restrict-similar") ? "read-only" : "all", isolated: false, paused: false },
      watched: has(runbook, "flag-payee") ? ["suspected suspect"] : [],
      dollars: { recovered: recovered[runbook.escrows], lost: "0.00" },
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
      await stores.redis.flushdb();
      const once = await open(runbook);
      const { calls } = await attempt(once, runbook);
      const [expected] = await worldsOf([once]);
      expect(calls.length).toBeGreaterThan(5);
      const cases = new Map<string, Case>();
      await inBatches([...calls.entries()], async ([index, call]) => {
        const one = await open(runbook);
        cases.set(`${index + 1} ${call}`, one);
        await attempt(one, runbook, { how, at: index + 1 }).catch((error) => error);
      });
      await timePasses();
      await inBatches([...cases.values()], (one) => untilDone(one, runbook));
      const worlds = await worldsOf([...cases.values()]);
      const names = [...cases.keys()];
      expect(Object.fromEntries(worlds.map((world, index) => [names[index], world]))).toEqual(
        Object.fromEntries(names.map((at) => [at, expected])),
      );
    },
  );
});
