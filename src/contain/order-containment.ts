import { randomUUID } from "node:crypto";
import { isTransient, TourniquetError } from "../errors.ts";
import { toAgentId } from "../incident/agent-id.ts";
import type { Gateway } from "../incident/gateway.ts";
import { type Priority, priorities } from "../incident/incident.ts";
import type { Dispatch } from "../incident/jobs.ts";
import type { Clock } from "../incident/ports.ts";
import { signalId } from "../incident/signal-id.ts";
import type { Verdict, Verdicts } from "../incident/verdict.ts";
import { whoAndWhy } from "../incident/who-and-why.ts";
import { fleetShutdown } from "../runbooks/fleet-shutdown.ts";
import { priorityOf, runbooks } from "../runbooks/index.ts";
import { runawaySpending } from "../runbooks/runaway-spending.ts";
import type { Runbook } from "../runbooks/runbook.ts";
import type { Settings } from "../settings/settings.ts";
import { type KnownAgentsPorts, knownAgents } from "./known-agents.ts";

export interface OrderContainmentPorts extends KnownAgentsPorts {
  verdicts: Pick<Verdicts, "keep">;
  dispatch: Pick<Dispatch, "add">;
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
  agentId: string;
  /** Its verdict names the incident as soon as a worker has taken it up. */
  signalId: string;
  /** Redis time in milliseconds. */
  orderedAt: number;
}

/** What may be ordered for one agent: a shutdown is the whole fleet's. */
export const orderableRunbooks: readonly string[] = runbooks
  .filter((runbook) => runbook !== fleetShutdown)
  .map(({ name }) => name);

/**
 * A named person has one agent contained now. From here it goes the way of every verdict, and is done in observe-only mode too.
 * Each order is a signal of its own, also where the agent is held already: one that joins the open incident has it read back anew
 * and ends a recovery that was asked for, and one that finds the incident being given up opens another. So it holds whatever
 * else runs at that moment.
 * Throws input-invalid, not-found where nobody knows the agent, gateway-unreachable where only the gateway could know it and
 * does not say, conflict where it must not be frozen.
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
  const verdict = verdictOf(agentId, { ...order, runbook: runbook.name, priority }, await ports.clock.now());
  const { signal } = verdict;
  const { keptAt } = await ports.verdicts.keep(verdict);
  const job = { eventId: null, agentId, signalId: signal.id };
  await ports.dispatch.add("freeze", agentId, `freeze-${signal.id}`, job);
  return { agentId, signalId: signal.id, orderedAt: keptAt };
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

/** A misspelt id must not look like a freeze: the product or the gateway knows the agent. */
async function refuseUnknown(ports: OrderContainmentPorts, agentId: string): Promise<void> {
  toAgentId(agentId);
  if ((await knownAgents(ports)).has(agentId)) return;
  const unknown = `no agent ${agentId}: the settings name none, no event told of one`;
  try {
    await ports.gateway.readBalance(agentId);
  } catch (error) {
    if (!(error instanceof TourniquetError)) throw error;
    // Taken on faith, a misspelt id would look like a freeze while the agent that was meant goes on spending.
    if (isTransient(error)) throw notAsked(agentId, error);
    const asked =
      error.code === "not-found" ? "the gateway knows none" : `the gateway could not be asked (${error.message})`;
    throw new TourniquetError("not-found", `${unknown}, and ${asked}`, { agentId }, error);
  }
}

const notAsked = (agentId: string, error: TourniquetError) =>
  new TourniquetError(
    "gateway-unreachable",
    `nothing was ordered: neither the settings nor any event name ${agentId}, and the gateway, which may know it, could not be asked (${error.message}). Order it again, or name the agent in the settings`,
    { agentId, isNothingDone: true },
    error,
  );

function verdictOf(
  agentId: string,
  order: { by: string; reason: string; runbook: string; priority: Priority },
  at: number,
): Verdict {
  const { by, reason, runbook, priority } = order;
  const id = signalId("containment-order", agentId, randomUUID());
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
