import { TourniquetError } from "../errors.ts";
import type { Gateway } from "../incident/gateway.ts";
import { type Priority, priorities } from "../incident/incident.ts";
import type { Dispatch } from "../incident/jobs.ts";
import type { Clock, Incidents } from "../incident/ports.ts";
import { signalId } from "../incident/signal-id.ts";
import type { Verdict, Verdicts } from "../incident/verdict.ts";
import type { AgentWatch } from "../incident/watch.ts";
import { whoAndWhy } from "../incident/who-and-why.ts";
import { fleetShutdown } from "../runbooks/fleet-shutdown.ts";
import { priorityOf, runbooks } from "../runbooks/index.ts";
import { runawaySpending } from "../runbooks/runaway-spending.ts";
import type { Runbook } from "../runbooks/runbook.ts";
import type { Settings } from "../settings/settings.ts";

export interface OrderContainmentPorts {
  verdicts: Pick<Verdicts, "keep">;
  incidents: Pick<Incidents, "load" | "signals" | "standingOf">;
  dispatch: Pick<Dispatch, "add">;
  agentWatch: Pick<AgentWatch, "seenAgents">;
  gateway: Pick<Gateway, "readBalance">;
  clock: Pick<Clock, "now">;
  settings: Pick<Settings, "fleet" | "keys">;
  /** greenhelixAgentId: the agent that the containment key belongs to, where that is known. */
  config: { greenhelixAgentId: string | undefined };
}

export interface ContainmentOrder {
  agentId: string;
  by: string;
  reason: string;
  /** Left out: runaway-spending, and the priority that goes with the runbook. */
  runbook?: string | undefined;
  priority?: string | undefined;
}

export interface OrderedContainment {
  /** already: the open incident was ordered so before; nothing was added to it. */
  answer: "ordered" | "already";
  agentId: string;
  signalId: string;
  /** Null until a worker has taken it up; then the verdict of this signal names it. */
  incidentId: string | null;
  /** Redis time in milliseconds. */
  orderedAt: number;
}

/** What may be ordered for one agent: a shutdown is the whole fleet's. */
export const orderableRunbooks: readonly string[] = runbooks
  .filter((runbook) => runbook !== fleetShutdown)
  .map(({ name }) => name);

/**
 * A named person has one agent contained now. From here it goes the way of every verdict, and is done in observe-only mode too.
 * Ordered twice it is done once: the same order has the same signal until what came of it is over.
 * Throws input-invalid, not-found where nobody knows the agent, conflict where it must not be frozen.
 */
export async function orderContainment(
  ports: OrderContainmentPorts,
  said: ContainmentOrder,
): Promise<OrderedContainment> {
  const order = whoAndWhy({ by: said.by, reason: said.reason });
  const { agentId } = said;
  const runbook = runbookOf(said.runbook);
  const priority = priorityFor(runbook, said.priority);
  refuseOurOwn(ports, agentId);
  await refuseUnknown(ports, agentId);
  const { openId, epoch } = await ports.incidents.standingOf(agentId);
  const before = openId === null ? null : await orderedBefore(ports, openId, runbook, priority);
  if (before !== null) return { answer: "already", agentId, incidentId: openId, ...before };
  const verdict = verdictOf(agentId, { ...order, runbook: runbook.name, priority }, epoch, await ports.clock.now());
  const { signal } = verdict;
  const { keptAt, incidentId } = await ports.verdicts.keep(verdict);
  const job = { eventId: null, agentId, signalId: signal.id };
  await ports.dispatch.add("freeze", agentId, `freeze-${signal.id}`, job);
  return { answer: "ordered", agentId, signalId: signal.id, incidentId, orderedAt: keptAt };
}

function runbookOf(name: string | undefined): Runbook {
  if (name === undefined) return runawaySpending;
  const found = runbooks.find((runbook) => runbook.name === name);
  if (found && orderableRunbooks.includes(name)) return found;
  throw invalid("runbook", `must be one of ${orderableRunbooks.join(", ")}`);
}

function priorityFor(runbook: Runbook, said: string | undefined): Priority {
  if (said === undefined) return priorityOf(runbook);
  const found = priorities.find((priority) => priority === said);
  if (found !== undefined) return found;
  throw invalid("priority", `must be one of ${priorities.join(", ")}`);
}

function invalid(field: string, problem: string): TourniquetError {
  return new TourniquetError("input-invalid", `${field} ${problem}`, { mistakes: [{ field, problem }] });
}

/** Whoever contains the others with an agent's own key must not have that one frozen: its calls are what the freezes are made of. */
function refuseOurOwn({ config, settings }: OrderContainmentPorts, agentId: string): void {
  if (agentId !== config.greenhelixAgentId || settings.keys.agents.has(agentId)) return;
  throw new TourniquetError(
    "conflict",
    `${agentId} is the agent whose key contains the others (GREENHELIX_AGENT_ID): without its budget nobody could be contained. Give the product a key of its own first`,
    { agentId },
  );
}

/** As many as events are remembered to have told of. */
const MOST_HEARD_OF = 10_000;

/** A misspelt id must not look like a freeze: the settings, events or the gateway know the agent. */
async function refuseUnknown(ports: OrderContainmentPorts, agentId: string): Promise<void> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(agentId))
    throw invalid("agent", "must be an agent's id: letters, digits, dots, underscores and dashes, at most 128");
  if (ports.settings.fleet.agents.some(({ id }) => id === agentId)) return;
  if ((await ports.agentWatch.seenAgents(MOST_HEARD_OF)).includes(agentId)) return;
  try {
    await ports.gateway.readBalance(agentId);
  } catch (error) {
    if (!(error instanceof TourniquetError)) throw error;
    const asked =
      error.code === "not-found" ? "the gateway knows none" : `the gateway could not be asked (${error.message})`;
    const unknown = `no agent ${agentId}: the settings name none, no event told of one, and ${asked}`;
    throw new TourniquetError("not-found", unknown, { agentId }, error);
  }
}

/** Null where the open incident was not ordered, or asks for less than this order does. */
async function orderedBefore(
  { incidents }: OrderContainmentPorts,
  openId: string,
  runbook: Runbook,
  priority: Priority,
): Promise<Pick<OrderedContainment, "signalId" | "orderedAt"> | null> {
  const [incident, signals] = await Promise.all([incidents.load(openId), incidents.signals(openId)]);
  const order = signals.find(({ kind }) => kind === "containment-order");
  if (!incident || incident.dryRun || !order) return null;
  if (!incident.runbooks.includes(runbook.name) || incident.priority > priority) return null;
  return { signalId: order.id, orderedAt: order.occurredAt };
}

function verdictOf(
  agentId: string,
  order: { by: string; reason: string; runbook: string; priority: Priority },
  epoch: number,
  at: number,
): Verdict {
  const { by, reason, runbook, priority } = order;
  const id = signalId("containment-order", agentId, `${epoch} ${runbook} ${priority}`);
  const why = {
    ...{ rule: "containment-order", ruleVersion: 1, thresholds: {}, baseline: null, events: [] },
    sentence: `${by} ordered it: ${reason}`,
    observed: { runbook, priority },
  };
  const kind = "containment-order";
  return {
    signal: { id, kind, severity: "critical", agentId, occurredAt: at, suspectPayee: null, why },
    tier: "auto-contain",
    decidedBy: `order of ${by}: ${reason}`,
    order: { by, runbook, priority },
  };
}
