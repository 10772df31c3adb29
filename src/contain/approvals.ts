import { TourniquetError } from "../errors.ts";
import type { Cascades } from "../incident/cascade.ts";
import { type Approval, type GivenAnswer, tellAnswered } from "../incident/fleet.ts";
import type { Verdict } from "../incident/verdict.ts";
import { whoAndWhy } from "../incident/who-and-why.ts";
import { type FleetPorts, freezeBy, type Order, outOfReach, shutDown } from "./fleet.ts";
import type { KnownAgentsPorts } from "./known-agents.ts";

export type ApprovePorts = FleetPorts & KnownAgentsPorts & { cascades: Pick<Cascades, "handedOver"> };

/** notReached: known agents that an approved shutdown leaves alone (outOfReach); of freezes nobody. */
export interface Approved {
  agents: string[];
  notReached: string[];
}

/**
 * A person says yes to what waits, one question or all: freezes beyond the cap, or a shutdown. Throws not-found where nothing
 * does, conflict where somebody says no at the same moment and came first: then nothing is done.
 */
export async function approve(ports: ApprovePorts, said: Order, approvalId?: string): Promise<Approved> {
  const order = whoAndWhy({ by: said.by, reason: said.reason });
  const questions = await claimed(ports, { said: "yes", by: order.by }, approvalId);
  const freezes = questions.filter(({ kind }) => kind === "freezes");
  const agents = await approveFreezes(ports, order, freezes);
  if (freezes.length === questions.length) return { agents, notReached: [] };
  const shutdown = await shutDown(ports, order, { isAutomatic: false });
  const all = new Set([...agents, ...shutdown.agents.keys()]);
  return { agents: [...all], notReached: await outOfReach(ports, all) };
}

async function approveFreezes(ports: ApprovePorts, order: Order, questions: readonly Approval[]): Promise<string[]> {
  const waiting = questions.flatMap(({ id, verdicts }) => verdicts.map((verdict) => ({ id, verdict })));
  await Promise.all(
    waiting.map(({ verdict }) =>
      freezeBy(ports, { ...verdict, decidedBy: `${verdict.decidedBy}; approved by ${order.by}: ${order.reason}` }),
    ),
  );
  for (const { cascadeId, verdicts } of questions)
    if (cascadeId !== null) await ports.cascades.handedOver(cascadeId, verdicts.map(freezing));
  await settleAll(ports, waiting);
  for (const question of questions) await tellAnswered(ports.dispatch, question, "yes", order.by);
  const agents = waiting.map(({ verdict }) => verdict.signal.agentId);
  ports.log.warn({ by: order.by, reason: order.reason, agents: agents.length }, "fleet.approved");
  return agents;
}

const freezing = ({ signal }: Verdict) =>
  ({ agentId: signal.agentId, standing: "freezing", signalId: signal.id }) as const;

/** A person says no: what waits is dropped, a question for a shutdown too. Throws as `approve`, where somebody says yes. */
export async function decline(ports: FleetPorts, said: Order, approvalId?: string): Promise<{ declined: string[] }> {
  const order = whoAndWhy({ by: said.by, reason: said.reason });
  const questions = await claimed(ports, { said: "no", by: order.by }, approvalId);
  for (const question of questions) {
    const agents = question.verdicts.map(({ signal }) => signal.agentId);
    await ports.fleet.settle(question.id, agents);
    await tellAnswered(ports.dispatch, question, "no", order.by);
  }
  ports.log.warn({ by: order.by, reason: order.reason, questions: questions.length }, "fleet.declined");
  return { declined: questions.map(({ id }) => id) };
}

/** What waits, and from here on nobody says otherwise to any of it. */
async function claimed(
  { fleet }: Pick<FleetPorts, "fleet">,
  answer: GivenAnswer,
  approvalId: string | undefined,
): Promise<readonly Approval[]> {
  const found = (await fleet.approvals()).filter(({ id }) => approvalId === undefined || id === approvalId);
  if (found.length === 0) throw nothingWaits(approvalId);
  const lost = await fleet.claim(found, answer);
  if (lost !== null) throw answeredBefore(lost.id, lost.answer);
  return found;
}

const answeredBefore = (id: string, answer: GivenAnswer | null) =>
  new TourniquetError(
    "conflict",
    `${answer ? `${answer.by} has said ${answer.said} to ${id}` : `${id} was answered`} a moment ago. Nothing was done.`,
  );

const nothingWaits = (approvalId: string | undefined) =>
  new TourniquetError("not-found", approvalId ? `Nothing waits under ${approvalId}.` : "Nothing waits for approval.");

/** After the freezes are handed over: whoever dies in between leaves the question, and to answer it again repeats nothing. */
async function settleAll({ fleet }: FleetPorts, waiting: readonly { id: string; verdict: Verdict }[]): Promise<void> {
  for (const [id, some] of Map.groupBy(waiting, (one) => one.id))
    await fleet.settle(
      id,
      some.map(({ verdict }) => verdict.signal.agentId),
    );
}
