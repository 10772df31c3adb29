import { randomUUID } from "node:crypto";
import type { ActionKey, CallOptions, Gateway, Outcome } from "../incident/gateway.ts";
import type { Incident } from "../incident/incident.ts";
import type { Dispatch } from "../incident/jobs.ts";
import type { Actions, Clock, Incidents } from "../incident/ports.ts";
import type { FleetAgent, GatewaySettings } from "../settings/settings.ts";

export interface TellOfRecoveryPorts {
  gateway: Pick<Gateway, "dialect" | "submitMetrics" | "rateService">;
  incidents: Pick<Incidents, "receipts" | "recordReceipt">;
  actions: Actions;
  dispatch: Dispatch;
  clock: Clock;
  limits: GatewaySettings;
  fleetAgent(agentId: string): FleetAgent | undefined;
}

/** What became of it, in words; the receipt of the incident keeps them. */
export interface ToldOfRecovery {
  metrics: string;
  rating: string;
}

const TELL = "tell-of-recovery";
const LEASE_MARGIN_MS = 1_000;
/** Of one to five: neither praise nor blame (the playbook's own figure). */
const NEUTRAL_RATING = 3;
const REVIEW = "Back after an incident: contained, mended, and watched while its budget came back step by step.";

/**
 * Tells the gateway that an agent is back (R4): metrics, a neutral rating of its service, and the event for everybody. Each
 * once, whatever is replayed. What the gateway refuses or does not answer is kept in the receipt and holds up nothing; throws
 * for what Redis does alone. Nothing is told of an incident that new trouble superseded.
 */
export async function tellOfRecovery(
  ports: TellOfRecoveryPorts,
  incident: Incident,
  abort: AbortSignal,
): Promise<ToldOfRecovery> {
  if (incident.supersededBy !== null) return { metrics: "not told", rating: "not told" };
  await ports.dispatch.add("notification", incident.id, `publish-${incident.id}-incident-resolved`, {
    agentId: incident.agentId,
    incidentId: incident.id,
    signalId: null,
    kind: "publish",
    what: "incident-resolved",
  });
  const known = (await ports.incidents.receipts(incident.id)).get(TELL)?.result;
  if (known) return { metrics: String(known.metrics), rating: String(known.rating) };
  const [metrics, rating] = await Promise.all([
    submitMetrics(ports, incident, abort),
    rateService(ports, incident, abort),
  ]);
  await ports.incidents.recordReceipt(incident.id, TELL, "recover", { metrics, rating });
  return { metrics, rating };
}

/** The seeds' own names. The real gateway knows 23 names and none of these; it refuses, and that is kept. */
async function submitMetrics(ports: TellOfRecoveryPorts, incident: Incident, abort: AbortSignal): Promise<string> {
  const seconds = Math.floor((await ports.clock.now()) / 1000);
  const metrics = {
    incident_recovery: 1,
    recovery_timestamp: seconds,
    recovery_duration_s: seconds - Math.floor((incident.recovery?.askedAt ?? incident.openedAt) / 1000),
    recovery_step_backs: incident.recovery?.stepBacks ?? 0,
  };
  return once(ports, incident, `recovery-metrics:${incident.id}` as ActionKey, "submitted", abort, (action, options) =>
    ports.gateway.submitMetrics(incident.agentId, metrics, action, options),
  );
}

/** The tools form rates an agent; the other one a service, and which is the agent's only the settings can say. */
async function rateService(ports: TellOfRecoveryPorts, incident: Incident, abort: AbortSignal): Promise<string> {
  const { agentId, id } = incident;
  const service = ports.fleetAgent(agentId)?.service ?? (ports.gateway.dialect === "tools" ? agentId : undefined);
  if (service === undefined) return "not asked for: the settings name no service of this agent";
  return once(ports, incident, `recovery-rating:${id}` as ActionKey, `rated ${service}`, abort, (action, options) =>
    ports.gateway.rateService(agentId, service, NEUTRAL_RATING, REVIEW, action, options),
  );
}

/** One request, ever: another set of metrics would be another record (greenhelix.md 1.3). */
async function once(
  { actions, limits }: TellOfRecoveryPorts,
  incident: Incident,
  action: ActionKey,
  done: string,
  abort: AbortSignal,
  send: (action: ActionKey, options: CallOptions) => Promise<Outcome<unknown>>,
): Promise<string> {
  const leaseMs = limits.deadlineMs + LEASE_MARGIN_MS;
  const claim = await actions.claim(incident.agentId, action, randomUUID(), leaseMs, 0, incident.id);
  if (claim.answer === "done") return String(claim.result.answer);
  if (claim.answer !== "go") return "begun before, and not heard what came of it";
  const outcome = await send(action, { deadlineMs: limits.deadlineMs, signal: abort });
  const answer = outcome.outcome === "done" ? done : `${outcome.outcome}: ${outcome.error.message}`;
  await actions.finish(incident.agentId, action, claim.fence, "done", { answer });
  return answer;
}
