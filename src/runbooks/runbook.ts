import { describeError, isTransient } from "../errors.ts";
import type { Gateway } from "../incident/gateway.ts";
import type { Incident, Priority } from "../incident/incident.ts";
import type { Actions, Caps, Clock, Dispatch, Incidents, Log, Pace } from "../incident/ports.ts";
import type { Signal, SignalKind } from "../incident/signal.ts";
import type { FleetAgent, GatewaySettings } from "../settings.ts";

export interface StepPorts {
  gateway: Gateway;
  incidents: Incidents;
  actions: Actions;
  caps: Caps;
  dispatch: Dispatch;
  clock: Clock;
  pace: Pace;
  log: Log;
  limits: GatewaySettings;
  fleetAgent(agentId: string): FleetAgent | undefined;
}

export interface StepContext {
  ports: StepPorts;
  incident: Incident;
  signals: readonly Signal[];
  /** Aborted when this worker lost the job or stops: no further mutation may start. */
  abort: AbortSignal;
}

/** reads: repeat at will. sets: twice is once. appends: carries its action key. */
export type Effect = "reads" | "sets" | "appends";

export interface Step {
  name: string;
  effect: Effect;
  /** Worked in the freeze queue, ahead of everything slow. */
  urgent: boolean;
  /** Answers what its receipt keeps. Throws where it is not done. */
  run(context: StepContext): Promise<Record<string, unknown>>;
}

export interface Runbook {
  name: string;
  handles: readonly SignalKind[];
  priority: Priority;
  /** Whose escrows containment takes back, and must see gone before it is called contained. */
  escrows: "all" | "suspect-payee";
  steps: readonly Step[];
  /** What is left for a person, in order. */
  followUp: readonly string[];
}

/**
 * Runs each of these steps that has no receipt, in order, every one attempted whatever became of the one before (C1).
 * Answers the names of those that failed; their reasons are in the timeline. Throws only where Redis fails or the abort came.
 */
export async function runSteps(context: StepContext, steps: readonly Step[]): Promise<{ failed: readonly string[] }> {
  const { incidents } = context.ports;
  const receipts = await incidents.receipts(context.incident.id);
  const failed: string[] = [];
  for (const step of steps) {
    if (receipts.has(step.name)) continue;
    context.abort.throwIfAborted();
    if (!(await attempt(context, step))) failed.push(step.name);
  }
  return { failed };
}

async function attempt(context: StepContext, step: Step): Promise<boolean> {
  const { incidents, log } = context.ports;
  const { id: incidentId, agentId, runbook } = context.incident;
  const fields = { incidentId, agentId, runbook, step: step.name };
  const startedAt = performance.now();
  try {
    const result = await step.run(context);
    await incidents.recordReceipt(incidentId, step.name, "contain", result);
    log.info({ ...fields, durationMs: Math.round(performance.now() - startedAt) }, "step.done");
    return true;
  } catch (error) {
    context.abort.throwIfAborted();
    const { code, message } = describeError(error);
    log.warn({ ...fields, durationMs: Math.round(performance.now() - startedAt), code, message }, "step.failed");
    await incidents.note(incidentId, "contain", "step-failed", {
      step: step.name,
      code,
      message,
      transient: isTransient(error),
    });
    return false;
  }
}
