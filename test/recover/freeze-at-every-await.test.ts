import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contain } from "../../src/contain/contain.ts";
import { isTransient } from "../../src/errors.ts";
import { askRecovery } from "../../src/recover/ask-recovery.ts";
import { recover } from "../../src/recover/recover.ts";
import { standDown } from "../../src/recover/stand-down.ts";
import { aSignal } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { interruptible, type When } from "./interruptible.ts";
import {
  containedTrouble,
  type ModelGateway,
  type ModelPorts,
  modelGateway,
  modelPorts,
  setRecovery,
  trouble,
} from "./model.ts";
import { said } from "./recovering-world.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());

const { signal: abort } = new AbortController();
type Stage = (ports: ModelPorts, agentId: string) => Promise<string>;
type Flow = typeof recover | typeof standDown;

const asked: Stage = async (ports, agentId) => {
  const incidentId = await containedTrouble(ports, agentId, abort);
  await askRecovery(ports, { incidentId, ...said });
  return incidentId;
};
const atFirstRung: Stage = async (ports, agentId) => {
  const incidentId = await asked(ports, agentId);
  await recover(ports, { incidentId }, abort);
  return incidentId;
};
const due: Stage = async (ports, agentId) => {
  const id = await atFirstRung(ports, agentId);
  await setRecovery(ports, id, { dueAt: 1 });
  return id;
};
const warnedOnTheSecond: Stage = async (ports, agentId) => {
  const incidentId = await due(ports, agentId);
  await recover(ports, { incidentId }, abort);
  const signal = aSignal({ agentId, kind: "error-spike", severity: "warning" });
  await ports.verdicts.keep({ signal, tier: "alert-human", decidedBy: "default policy" });
  return incidentId;
};
const over: Stage = async (ports, agentId) => {
  const id = await atFirstRung(ports, agentId);
  await setRecovery(ports, id, { rung: 2, dueAt: null, normalAt: 1, raisesCaps: false });
  return id;
};
const calledOff: Stage = async (ports, agentId) => {
  const id = await atFirstRung(ports, agentId);
  await ports.incidents.beginStandDown(id, "ada", "planned");
  return id;
};

type Mutate = (real: ModelPorts["caps"]) => Partial<ModelPorts["caps"]>;
const whole: Mutate = () => ({});
/** Whatever became of it meanwhile, the raise is taken to stand. */
const blind: Mutate = (real) => ({
  async settleRaise(...args) {
    await real.settleRaise(...args);
    return "stands";
  },
});

let agents = 0;
interface Played {
  calls: number;
  model: ModelGateway;
  wrong: string[];
}

/** Plays one flow to its end with new trouble at one of its awaits, and says what must not be. at 0: undisturbed. */
async function play(stage: Stage, flow: Flow, at: number, when: When, mutate: Mutate = whole): Promise<Played> {
  agents += 1;
  const agentId = `agent-${agents}`;
  const model = modelGateway();
  const real = modelPorts(stores, model.gateway);
  const ports = { ...real, caps: { ...real.caps, ...mutate(real.caps) } };
  const incidentId = await stage(ports, agentId);
  let next: string | null = null;
  const inject = async () => {
    next = await trouble(ports, agentId, abort);
  };
  const { ports: counted, calls } = interruptible(ports, inject, at, when);
  const wrong: string[] = [];
  await (flow as typeof recover)(counted, { incidentId }, abort).catch((error) => {
    if (!isTransient(error)) wrong.push(`failed for good: ${error}`);
  });
  if (next === null) return { calls: calls.length, model, wrong };
  const where = `trouble ${when} ${calls[at - 1]}`;
  // Before the hold looks: a drift loop must not be what saves us.
  if (model.caps.dailyCap !== 0n) wrong.push(`${where}: can spend ${model.caps.dailyCap}`);
  // As the queue does, until nothing is left to do.
  for (let runs = 0; runs < 3; runs += 1)
    await (flow as typeof recover)(ports, { incidentId }, abort).catch(() => null);
  await contain(ports, { incidentId: next }, abort).catch((error) => wrong.push(`${where}: ${error}`));
  if (model.caps.dailyCap !== 0n || model.caps.monthlyCap !== 0n) wrong.push(`${where}: can spend in the end`);
  const [old, held] = await Promise.all([ports.incidents.load(incidentId), ports.incidents.load(next)]);
  if (held?.status !== "contained") wrong.push(`${where}: the new incident is ${held?.status}`);
  const isHandedOver =
    next === incidentId || old?.supersededBy === next || flow !== recover || old?.status === "resolved";
  if (!isHandedOver) wrong.push(`${where}: the old one is ${old?.status}, superseded by ${old?.supersededBy}`);
  return { calls: calls.length, model, wrong };
}

const stages: readonly [string, Stage, Flow, atLeast: number][] = [
  ["the gates are looked at and the first rung is taken", asked, recover, 30],
  ["the next rung is taken", due, recover, 20],
  ["it steps back", warnedOnTheSecond, recover, 20],
  ["it is resolved", over, recover, 12],
  ["it is stood down", calledOff, standDown, 15],
];

/** Every moment of one flow, before and after each of its awaits. */
async function everyMoment(stage: Stage, flow: Flow, mutate?: Mutate): Promise<{ calls: number; wrong: string[] }> {
  const { calls, model } = await play(stage, flow, 0, "before", mutate);
  expect(model.caps.dailyCap).not.toBe(0n);
  const moments = Array.from({ length: calls }, (_, index) => index + 1);
  const both = moments.flatMap((at) => (["before", "after"] as const).map((when) => ({ at, when })));
  const played = await Promise.all(both.map(({ at, when }) => play(stage, flow, at, when, mutate)));
  return { calls, wrong: played.flatMap(({ wrong }) => wrong) };
}

describe("new trouble at whatever moment of a recovery", () => {
  it.each(stages)(
    "ends with caps of 0 and the new incident contained: while %s",
    async (_what, stage, flow, atLeast) => {
      const { calls, wrong } = await everyMoment(stage, flow);
      expect(calls).toBeGreaterThan(atLeast);
      expect(wrong).toEqual([]);
    },
  );

  it("would show if nobody looked again after a raise", async () => {
    const { wrong } = await everyMoment(due, recover, blind);
    expect(wrong.join("; ")).toContain("trouble before gateway.setBudget: can spend");
  });
});
