import { expect } from "vitest";
import type { IntakeStats } from "../../src/incident/inbox.ts";
import type { IncidentView } from "../../src/incident/incident.ts";
import type { QueueName } from "../../src/incident/jobs.ts";
import { money } from "../../src/incident/money.ts";
import { planOf } from "../../src/runbooks/plan.ts";
import { loopOf, type Played, play, stage } from "../../src/sandbox/play.ts";
import { runaway } from "../../src/sandbox/scenarios/runaway.ts";
import type { Scenario } from "../../src/sandbox/scenarios/scenario.ts";
import { type Product, RESPONDER } from "./product.ts";
import { until } from "./until.ts";

/** What the night's agent may spend before the trouble: uncapped by the month, a threshold of its own. Restored exactly, or not at all. */
export const capsBefore = { daily: "1000.00", monthly: null, alertThreshold: 0.65 };

/** The 2:47 story with fewer attempts, for a payer of one's own, so that several can be played against one product. */
export function night(payer = "procurement-17", attempts = 60): Scenario {
  const named = (id: string) => (id === loopOf(runaway).payer ? payer : `${id}-of-${payer}`);
  return {
    ...runaway,
    agents: runaway.agents.map((agent) => ({
      ...agent,
      agentId: named(agent.agentId),
      walletId: `treasury-of-${payer}`,
      monthlyCap: capsBefore.monthly,
      alertThreshold: capsBefore.alertThreshold,
    })),
    acts: runaway.acts.map((act) => {
      if (act.does === "loop") return { ...act, payer, attempts };
      return "payer" in act ? { ...act, payer: named(act.payer) } : act;
    }),
  };
}

/** Plays it 20 times as fast; onCreated hears how many escrows the loop has opened so far. */
export async function playNight(
  { sandbox }: Product,
  scenario: Scenario,
  onCreated: (created: number) => void = () => undefined,
): Promise<Played> {
  await stage(sandbox.url, scenario);
  return play(sandbox.url, scenario, {
    speed: 20,
    onAttempt: ({ created }, accepted) => {
      if (accepted) onCreated(created);
    },
  });
}

/** Accepted = dispositions + pending, at whatever moment one looks (G2). */
export async function intake({ services }: Product): Promise<IntakeStats> {
  const stats = await services.inbox.stats();
  const decided = Object.values(stats.dispositions).reduce((sum, count) => sum + count, 0);
  expect(stats.accepted, "accepted = dispositions + pending").toBe(decided + stats.pending);
  return stats;
}

/** Everything sent has arrived, everything accepted is decided, nothing is in hand; answers the agent's only incident. */
export async function untilContained(product: Product, agentId: string, deadlineMs = 120_000): Promise<IncidentView> {
  let seen = "";
  const look = async () => {
    const [incidents, stats] = await Promise.all([product.services.incidents.list(50), intake(product)]);
    const mine = incidents.filter((incident) => incident.agentId === agentId);
    seen = `${mine.map(({ id, status }) => `${id} ${status}`)}, ${stats.pending} events pending`;
    if (mine.length === 0 || stats.pending > 0 || mine.some(({ status }) => status !== "contained")) return null;
    return (await isQuiet(product, "freeze", "contain", "correlate")) && (await hasArrived(product)) ? mine : null;
  };
  const mine = await until(look, `${agentId} to be contained`, deadlineMs, 200).catch((error: Error) => {
    throw new Error(`${error.message}; last seen: ${seen}`);
  });
  expect(mine, "incidents of this agent").toHaveLength(1);
  return mine[0]!;
}

/** Nothing waits in these queues and nobody works on them. */
export async function isQuiet({ services }: Product, ...queues: readonly QueueName[]): Promise<boolean> {
  const counts = await Promise.all(
    services.queues
      .all()
      .filter(({ queue }) => queues.includes(queue))
      .map(({ bull }) => bull.getJobCounts("waiting", "active", "delayed")),
  );
  return counts.every((count) => Object.values(count).every((jobs) => jobs === 0));
}

/** No delivery is on its way, and what was answered 202 was accepted for good. */
async function hasArrived(product: Product): Promise<boolean> {
  const deliveries = await product.admin.deliveries();
  expect(deliveries.filter(({ status }) => status === "failed")).toEqual([]);
  const delivered = deliveries.filter(({ status }) => status === "delivered").length;
  expect((await intake(product)).accepted, "accepted for good").toBeGreaterThanOrEqual(delivered);
  return delivered === deliveries.length;
}

/** How many escrows this agent has opened at the gateway. */
export async function created({ admin }: Product, payer: string): Promise<number> {
  return (await admin.effects("escrow.created")).filter(({ agentId }) => agentId === payer).length;
}

/** Judged at the gateway: nothing of the agent is held, each of its escrows came back once, both caps are 0. */
export async function expectEveryDollarBack(product: Product, agentId: string): Promise<void> {
  const state = await product.admin.state();
  expect(state.doubleRefunds).toEqual([]);
  const agent = state.agents.find((one) => one.agentId === agentId);
  expect(agent).toMatchObject({ locked: "0.00", caps: { daily: "0.00", monthly: "0.00" }, escrows: { held: 0 } });
  const own = async (effect: string) =>
    (await product.admin.effects(effect)).filter((row) => row.agentId === agentId).map(({ escrowId }) => escrowId);
  const created = await own("escrow.created");
  expect(created.length).toBeGreaterThanOrEqual(8);
  expect((await own("escrow.refunded")).sort()).toEqual(created.sort());
  expect((await own("escrow.settled")).length + (await own("escrow.expired")).length).toBe(0);
}

/** What the incident itself says: what was recorded before the freeze, that every step is done, and where the money is. */
export async function expectTrueReport({ services }: Product, id: string): Promise<void> {
  const hasReceipts = async () => {
    const view = await services.incidents.view(id);
    return view?.steps.every(({ status }) => status === "done") && view;
  };
  const incident = await until(hasReceipts, `every step of ${id} to be done`, 30_000, 200);
  // Not its receipt: whoever looked at the agent before it had them makes that say others, until the gateway is asked once more.
  expect(await services.caps.snapshot(incident.agentId, id)).toMatchObject({
    dailyCap: money(capsBefore.daily),
    monthlyCap: capsBefore.monthly,
    alertThreshold: capsBefore.alertThreshold,
  });
  expect(incident.steps.map(({ step, status }) => `${step} ${status}`).sort()).toEqual(
    planOf(incident)
      .steps.map(({ name }) => `${name} done`)
      .sort(),
  );
  expect(incident.dollars).toMatchObject({ lost: "0.00", recovered: incident.dollars.locked });
}

/** The three of them, which every fault must leave true. */
export async function expectStopped(product: Product, agentId: string, deadlineMs?: number): Promise<IncidentView> {
  const incident = await untilContained(product, agentId, deadlineMs);
  await expectEveryDollarBack(product, agentId);
  await expectTrueReport(product, incident.id);
  return incident;
}

/** A person calls it a false alarm, over the API; needs a recovery worker. Resolves when the caps are what they were. */
export async function standDown(product: Product, { id, agentId }: IncidentView): Promise<void> {
  const answer = await fetch(`${product.api.url}/api/incidents/${id}/stand-down`, {
    method: "POST",
    headers: { authorization: `Bearer ${RESPONDER}`, "content-type": "application/json" },
    body: JSON.stringify({ by: "ada", reason: "drill" }),
  });
  expect(answer.status).toBe(202);
  await until(
    async () => (await product.services.incidents.load(id))?.status === "stood-down",
    `${id} to be stood down`,
    60_000,
  );
  const agent = (await product.admin.state()).agents.find((one) => one.agentId === agentId);
  expect(agent?.caps).toEqual(capsBefore);
}
