import { TourniquetError } from "../errors.ts";
import { type Fleet, type Shutdown, tellAnswered } from "../incident/fleet.ts";
import { isOver } from "../incident/incident.ts";
import type { Dispatch, PageKind } from "../incident/jobs.ts";
import type { Incidents, Log } from "../incident/ports.ts";
import type { Signal } from "../incident/signal.ts";
import { signalId } from "../incident/signal-id.ts";
import type { Verdict, Verdicts } from "../incident/verdict.ts";
import { whoAndWhy } from "../incident/who-and-why.ts";
import { fleetShutdown } from "../runbooks/fleet-shutdown.ts";
import { automaticFreezeLimit } from "../settings/automatic-freezes.ts";
import { isDryRun, type Settings } from "../settings/settings.ts";
import { type KnownAgentsPorts, knownAgents } from "./known-agents.ts";

export interface FleetPorts {
  fleet: Fleet;
  verdicts: Verdicts;
  incidents: Pick<Incidents, "allOpen" | "load">;
  dispatch: Dispatch;
  settings: Settings;
  log: Log;
}

/** Who decides, and why: shown with every incident that comes of it. */
export interface Order {
  by: string;
  reason: string;
}

const AUTOMATION: Order["by"] = "policy";
/** There is one question whether the fleet may be frozen, whoever raises it. */
export const SHUTDOWN_QUESTION = "shutdown";

export type ShutdownAnswer = "off" | "no-verdict" | "over" | "asked" | "in-force" | "shut-down";

/** P4: policy answered a signal with full-shutdown. Its own agent is being contained; about the others the settings decide. */
export async function answerFullShutdown(
  ports: FleetPorts,
  cause: { agentId: string; signalId: string },
): Promise<{ answer: ShutdownAnswer }> {
  const verdict = await ports.verdicts.load(cause.agentId, cause.signalId);
  if (!verdict) return { answer: "no-verdict" };
  const incident = verdict.incidentId === null ? null : await ports.incidents.load(verdict.incidentId);
  // A repeated job, after somebody has dealt with it (G14).
  if (incident && (isOver(incident.status) || incident.standDown)) return { answer: "over" };
  const { kind, severity, agentId } = verdict.signal;
  const reason = `${verdict.decidedBy} (${kind}, ${severity}, on ${agentId})`;
  const { shutdown } = ports.settings.fleet;
  if (shutdown === "off") return { answer: "off" };
  if (shutdown === "auto") {
    const order = { by: AUTOMATION, reason };
    // The incident of the cause outlives a resume: its job, replayed, must not freeze what a person has released.
    const begun = await ports.fleet.beginShutdownFor(cause.signalId, order.by, order.reason);
    if (begun === null) return { answer: "over" };
    const carried = await carryOut(ports, begun, order, { isAutomatic: true });
    return { answer: carried === null ? "over" : "shut-down" };
  }
  if (await ports.fleet.shutdown()) return { answer: "in-force" };
  const what = `Freeze the whole fleet? ${reason}: ${verdict.signal.why.sentence}`;
  await ports.fleet.ask({ id: SHUTDOWN_QUESTION, kind: "shutdown", what, cascadeId: null, verdicts: [] });
  await page(ports, agentId, SHUTDOWN_QUESTION, verdict.signal.id, "shutdown-waiting");
  return { answer: "asked" };
}

/**
 * Freezes every agent of the settings, and every other that has an open incident: spending only, their escrows stay. Asked
 * again it goes on where it stopped. What automation alone wants is bound by the cap; the rest waits for a person. Throws conflict
 * where somebody resumed the fleet at the same moment.
 */
export async function shutDown(
  ports: FleetPorts,
  said: Order,
  { isAutomatic }: { isAutomatic: boolean },
): Promise<Shutdown> {
  const order = whoAndWhy({ by: said.by, reason: said.reason });
  // Whoever orders it has answered whether to: nobody says no from here on. Where somebody just has, the order stands for itself.
  const question = isAutomatic ? undefined : await shutdownQuestion(ports);
  if (question) await ports.fleet.claim([question], { said: "yes", by: order.by });
  const begun = await ports.fleet.beginShutdown(order.by, order.reason);
  const carried = await carryOut(ports, begun, order, { isAutomatic });
  if (carried === null)
    throw new TourniquetError(
      "conflict",
      "Somebody resumed the fleet at this very moment: nobody was frozen. Order the shutdown again if it is still wanted.",
    );
  return carried;
}

/** Null: it was resumed before anybody was handed over. */
async function carryOut(
  ports: FleetPorts,
  shutdown: Shutdown,
  order: Order,
  { isAutomatic }: { isAutomatic: boolean },
): Promise<Shutdown | null> {
  const verdicts = (await registered(ports)).map((agentId) => shutdownVerdict(shutdown, agentId));
  const granted = new Set(await grantedOf(ports, verdicts, isAutomatic));
  const [now, later] = [
    verdicts.filter(({ signal }) => granted.has(signal.agentId)),
    verdicts.filter(({ signal }) => !granted.has(signal.agentId)),
  ];
  const included = new Map(verdicts.map(({ signal }) => [signal.agentId, signal.id]));
  if (!(await ports.fleet.include(shutdown.id, included))) return null;
  await Promise.all(now.map((verdict) => freezeBy(ports, verdict)));
  if (later.length > 0) {
    const id = `freezes-${shutdown.id}`;
    const what = `The fleet shutdown reaches further than automation may freeze in an hour: ${shutdown.reason}`;
    await ports.fleet.ask({ id, kind: "freezes", what, cascadeId: null, verdicts: later });
    await page(ports, later[0]!.signal.agentId, id, later[0]!.signal.id, "freezes-waiting");
  }
  if (!isAutomatic) await answerShutdown(ports, order);
  ports.log.warn({ by: order.by, reason: order.reason, agents: now.length, waiting: later.length }, "fleet.shut-down");
  return { ...shutdown, agents: new Map([...shutdown.agents, ...included]) };
}

/** Whoever shuts down has answered whether to, asked or not. */
async function answerShutdown(ports: FleetPorts, { by }: Order): Promise<void> {
  const question = await shutdownQuestion(ports);
  if (!question) return;
  await ports.fleet.settle(question.id, []);
  await tellAnswered(ports.dispatch, question, "yes", by);
}

const shutdownQuestion = async ({ fleet }: Pick<FleetPorts, "fleet">) =>
  (await fleet.approvals()).find(({ id }) => id === SHUTDOWN_QUESTION);

/**
 * All known agents that a shutdown leaves alone: no settings name them, and none has an open incident. Whoever orders it must
 * know; they may be strangers, so that nothing is done to them unasked.
 */
export async function outOfReach(
  ports: KnownAgentsPorts,
  reached: { has(agentId: string): boolean },
): Promise<string[]> {
  return [...(await knownAgents(ports))].filter((agentId) => !reached.has(agentId)).sort();
}

async function registered({ settings, incidents }: FleetPorts): Promise<string[]> {
  const open = await incidents.allOpen();
  return [...new Set([...settings.fleet.agents.map(({ id }) => id), ...open.map(({ agentId }) => agentId)])];
}

async function grantedOf(
  { fleet, settings }: FleetPorts,
  verdicts: readonly Verdict[],
  isAutomatic: boolean,
): Promise<readonly string[]> {
  const agentIds = verdicts.map(({ signal }) => signal.agentId).sort();
  if (!isAutomatic || isDryRun(settings, fleetShutdown.name)) return agentIds;
  return (await fleet.reserve(agentIds, { limit: automaticFreezeLimit(settings.fleet), unlimited: false })).granted;
}

/** The same agent in the same shutdown is the same verdict, whoever repeats the order. */
function shutdownVerdict({ id, by, reason, at }: Shutdown, agentId: string): Verdict {
  const signal: Signal = {
    id: signalId("fleet-shutdown", agentId, id),
    kind: "fleet-shutdown",
    severity: "critical",
    agentId,
    occurredAt: at,
    suspectPayee: null,
    why: {
      rule: "fleet-shutdown",
      ruleVersion: 1,
      sentence: `The whole fleet was shut down by ${by}: ${reason}`,
      thresholds: {},
      observed: { shutdown: id },
      baseline: null,
      events: [],
    },
  };
  // Of this one agent: full-shutdown is what was asked, and would be asked again.
  return { signal, tier: "auto-contain", decidedBy: `fleet ${id} by ${by}: ${reason}` };
}

/** By the verdict alone; whoever repeats it repeats nothing. */
export async function freezeBy({ verdicts, dispatch }: FleetPorts, verdict: Verdict): Promise<void> {
  const { agentId, id } = verdict.signal;
  await verdicts.keep(verdict);
  await dispatch.add("freeze", agentId, `freeze-${id}`, { eventId: null, agentId, signalId: id });
}

async function page(
  { dispatch }: FleetPorts,
  agentId: string,
  approvalId: string,
  cause: string,
  what: Extract<PageKind, "freezes-waiting" | "shutdown-waiting">,
): Promise<void> {
  const data = { agentId, incidentId: null, signalId: null, kind: "page", what, approvalId } as const;
  await dispatch.add("notification", agentId, `page-${approvalId}-${cause}`, data);
}
