import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contain } from "../../src/contain/contain.ts";
import { freeze } from "../../src/contain/freeze.ts";
import { type OrderedContainment, orderContainment } from "../../src/contain/order-containment.ts";
import { isTransient, TourniquetError } from "../../src/errors.ts";
import { isOver } from "../../src/incident/incident.ts";
import { askRecovery } from "../../src/recover/ask-recovery.ts";
import { askStandDown } from "../../src/recover/ask-stand-down.ts";
import { recover } from "../../src/recover/recover.ts";
import { resumeFleet } from "../../src/recover/resume-fleet.ts";
import { standDown } from "../../src/recover/stand-down.ts";
import { fleetShutdown } from "../../src/runbooks/fleet-shutdown.ts";
import { openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { interruptible, type When } from "./interruptible.ts";
import { type ModelGateway, type ModelPorts, modelGateway, modelPorts, setRecovery } from "./model.ts";
import { said } from "./recovering-world.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());

const { signal: abort } = new AbortController();
type Ports = ModelPorts & Pick<Stores, "fleet" | "agentWatch"> & { config: { greenhelixAgentId: undefined } };

function portsOf(model: ModelGateway, agentId: string): Ports {
  const real = modelPorts(stores, model.gateway);
  const agent = { ...{ id: agentId, wallet: null, tools: [], caps: null }, pinnedPublicKey: null } as never;
  const settings = { ...real.settings, fleet: { ...real.settings.fleet, agents: [agent] } };
  return {
    ...real,
    settings,
    fleet: stores.fleet,
    agentWatch: stores.agentWatch,
    config: { greenhelixAgentId: undefined },
  };
}

const order = (ports: Ports, agentId: string) => orderContainment(ports, { agentId, by: "bob", reason: "stop it" });

/** What the workers make of an answered order. */
async function work(ports: Ports, { agentId, signalId }: OrderedContainment): Promise<string> {
  const { incidentId } = await freeze(ports, { eventId: null, agentId, signalId }, abort);
  await contain(ports, { incidentId: incidentId! }, abort);
  return incidentId!;
}

type Stage = (ports: Ports, agentId: string) => Promise<string>;
/** What runs at the same time; conflicts are an answer. */
type Flow = (ports: Ports, incidentId: string) => Promise<unknown>;

/** Held by an order of before, so that this one adds nothing to what is asked. */
const ordered: Stage = async (ports, agentId) => work(ports, await order(ports, agentId));
const recoveryAsked: Stage = async (ports, agentId) => {
  const incidentId = await ordered(ports, agentId);
  await askRecovery(ports, { incidentId, ...said });
  return incidentId;
};
const rungDue: Stage = async (ports, agentId) => {
  const incidentId = await recoveryAsked(ports, agentId);
  await recover(ports, { incidentId }, abort);
  await setRecovery(ports, incidentId, { dueAt: 1 });
  return incidentId;
};
const halved: Stage = async (ports, agentId) => {
  const request = openRequest(
    { agentId, kind: "reputation-drift" },
    { runbook: "service-degradation", priority: "P2" },
  );
  return (await ports.incidents.open(request)).incidentId;
};
const shutDown: Stage = async (ports, agentId) => {
  const { signal, ...rest } = openRequest({ agentId, kind: "fleet-shutdown" }, { runbook: fleetShutdown.name });
  await ports.verdicts.keep({ signal, tier: "auto-contain", decidedBy: "a shutdown" });
  const { incidentId } = await ports.incidents.open({ signal, ...rest });
  await contain(ports, { incidentId }, abort);
  const shutdown = {
    id: `shutdown-${agentId}`,
    by: "ada",
    reason: "x",
    at: 1,
    agents: new Map([[agentId, signal.id]]),
  };
  // Redis has room for one shutdown at a time, and these run side by side.
  ports.fleet = {
    ...ports.fleet,
    shutdown: async () => shutdown,
    approvals: async () => [],
    endShutdown: async () => true,
    withdraw: async () => false,
  };
  return incidentId;
};

const standsDown: Flow = async (ports, incidentId) => {
  await askStandDown(ports, { incidentId, by: "ada", reason: "planned" });
  await standDown(ports, { incidentId }, abort);
};
const recovers: Flow = (ports, incidentId) => recover(ports, { incidentId }, abort);
const asksRecovery: Flow = async (ports, incidentId) => {
  await askRecovery(ports, { incidentId, ...said });
  await recover(ports, { incidentId }, abort);
};
const halves: Flow = (ports, incidentId) => contain(ports, { incidentId }, abort);
const resumes: Flow = async (ports, incidentId) => {
  await resumeFleet(ports, { by: "ada", reason: "safe again" });
  await standDown(ports, { incidentId }, abort);
};

const isExpected = (error: unknown) =>
  isTransient(error) || (error instanceof TourniquetError && error.code === "conflict");
const stages: readonly [string, Stage, Flow][] = [
  ["it is stood down", ordered, standsDown],
  ["its recovery is asked and begun", ordered, asksRecovery],
  ["a recovery that was asked begins", recoveryAsked, recovers],
  ["the next rung is taken", rungDue, recovers],
  ["the fleet is resumed", shutDown, resumes],
  ["its budget is being halved", halved, halves],
];

let agents = 0;

async function settled(ports: Ports, flow: Flow, before: string, held: string, model: ModelGateway): Promise<string[]> {
  const wrong: string[] = [];
  // As the queues do, until nothing is left to do.
  for (let runs = 0; runs < 3; runs += 1) {
    await contain(ports, { incidentId: held }, abort).catch((error) => isTransient(error) || wrong.push(String(error)));
    await standDown(ports, { incidentId: before }, abort).catch(() => null);
    await recover(ports, { incidentId: before }, abort).catch(() => null);
    if (flow === halves) await contain(ports, { incidentId: before }, abort).catch(() => null);
  }
  const incident = (await ports.incidents.load(held))!;
  if (model.caps.dailyCap !== 0n || model.caps.monthlyCap !== 0n) wrong.push(`can spend ${model.caps.dailyCap}`);
  if (incident.status !== "contained") wrong.push(`its incident is ${incident.status}`);
  if (incident.standDown || isOver(incident.status)) wrong.push("its incident is given up");
  if ((await stores.redis.scard(`{tq:0}:agent:${incident.agentId}:holds`)) !== 1) wrong.push("nobody holds it");
  return wrong;
}

/** The flow with a whole order, worked at once, at one of its awaits. at 0: undisturbed. */
async function orderWithin(stage: Stage, flow: Flow, at: number, when: When) {
  agents += 1;
  const agentId = `agent-${agents}`;
  const model = modelGateway();
  const ports = portsOf(model, agentId);
  const before = await stage(ports, agentId);
  let held: string | null = null;
  const inject = async () => {
    held = await work(ports, await order(ports, agentId));
  };
  const { ports: counted, calls } = interruptible(ports, inject, at, when);
  const wrong: string[] = [];
  await flow(counted as Ports, before).catch((error) => isExpected(error) || wrong.push(String(error)));
  if (held !== null) wrong.push(...(await settled(ports, flow, before, held, model)));
  return { calls, model, wrong: wrong.map((what) => `order ${when} ${calls[at - 1]} (${at}): ${what}`) };
}

/** The order with the whole flow at one of its awaits; the workers take it up after it was answered. */
async function flowWithin(stage: Stage, flow: Flow, at: number, when: When) {
  agents += 1;
  const agentId = `agent-${agents}`;
  const model = modelGateway();
  const ports = portsOf(model, agentId);
  const before = await stage(ports, agentId);
  const wrong: string[] = [];
  const inject = () => flow(ports, before).catch((error) => isExpected(error) || wrong.push(String(error)));
  const { ports: counted, calls } = interruptible(ports, inject, at, when);
  const answer = await order(counted as Ports, agentId);
  if (at > 0) wrong.push(...(await settled(ports, flow, before, await work(ports, answer), model)));
  return { calls, model, wrong: wrong.map((what) => `${calls[at - 1]} of the order, ${when} it: ${what}`) };
}

async function everyMoment(play: typeof orderWithin, stage: Stage, flow: Flow) {
  const { calls, model } = await play(stage, flow, 0, "before");
  const last = { at: calls.length, when: "after" as const };
  const moments = [...calls.map((_, index) => ({ at: index + 1, when: "before" as const })), last];
  // An order that was answered and worked before anybody looked is one that they called off knowingly.
  const meanwhile = play === orderWithin ? moments.slice(1) : moments;
  const played = await Promise.all(meanwhile.map(({ at, when }) => play(stage, flow, at, when)));
  return { moments: meanwhile.length, free: model.caps.dailyCap !== 0n, wrong: played.flatMap(({ wrong }) => wrong) };
}

describe("a person's order at whatever moment", () => {
  it.each(stages)("ends with caps of 0 and a hold: while %s", async (_what, stage, flow) => {
    const { moments, free, wrong } = await everyMoment(orderWithin, stage, flow);
    expect(moments).toBeGreaterThan(8);
    expect(free).toBe(true);
    expect(wrong).toEqual([]);
  });

  it.each(stages)("does so where the whole of it happens while the order is taken: %s", async (_what, stage, flow) => {
    const { moments, wrong } = await everyMoment(flowWithin, stage, flow);
    expect(moments).toBeGreaterThanOrEqual(4);
    expect(wrong).toEqual([]);
  });
});
