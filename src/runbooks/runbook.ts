import { describeError, isTransient } from "../errors.ts";
import type { AgentControl } from "../incident/agent-control.ts";
import type { Gateway } from "../incident/gateway.ts";
import type { Incident, Priority } from "../incident/incident.ts";
import type { Dispatch } from "../incident/jobs.ts";
import type { Marks } from "../incident/marks.ts";
import type { Actions, Caps, Clock, Incidents, Log, Pace } from "../incident/ports.ts";
import type { Signal, SignalKind } from "../incident/signal.ts";
import type { Verdicts } from "../incident/verdict.ts";
import type { FleetAgent, GatewaySettings } from "../settings/settings.ts";
import type { SimilarAgent } from "./similar-agents.ts";

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
  verdicts: Pick<Verdicts, "keep">;
  marks: Marks;
  /** Null: nothing runs the agents that could be asked to stop one. */
  agentControl: AgentControl | null;
  fleetAgent(agentId: string): FleetAgent | undefined;
  /** Agents that share what was at fault (C8), each with what that is. */
  similarTo(agentId: string, toolsAtFault: readonly string[]): readonly SimilarAgent[];
  /** What an incident's plan leaves of the budget: asked again by a step that a signal may have overtaken. */
  budgetOf(incident: Pick<Incident, "runbooks">): Runbook["budget"];
}

export interface StepContext {
  ports: StepPorts;
  incident: Incident;
  signals: readonly Signal[];
  /** Aborted when this worker lost the job or stops: no further mutation may start. */
  abort: AbortSignal;
  /** Takes what goes on beside the steps and holds none of them up; it is over before they count as run. */
  alongside?(work: Promise<unknown>): void;
}

/**
 * How long a read may take that proves or settles something. Longer than a write: it harms nothing, and the gateway has a
 * second mode that answers after 5.2 s (greenhelix.md section 5).
 */
export const PROOF_DEADLINE_MS = 10_000;

/** reads: repeat at will. sets: twice is once. appends: carries its action key. */
export type Effect = "reads" | "sets" | "appends";

export interface Step {
  /** A verb and its object; what a dry run says it would have done. */
  name: string;
  effect: Effect;
  /** Worked in the freeze queue, ahead of everything slow. */
  urgent: boolean;
  /** Slow steps of one lane wait for each other, those of different lanes do not; left out: money. */
  lane?: "agent" | "similar" | "evidence";
  /** Answers what its receipt keeps. Throws where it is not done. */
  run(context: StepContext): Promise<Record<string, unknown>>;
  /** What a dry run adds to the step's name: whom it would have been done to. Reads only. */
  would?(context: StepContext): Promise<Record<string, unknown>>;
}

export interface Runbook {
  name: string;
  /** The signals it answers, and how urgent each makes it (mission P2). */
  handles: Readonly<Partial<Record<SignalKind, Priority>>>;
  /** What containment leaves of the agent's budget, and must read back before it is called contained. */
  budget: "freeze" | "halve" | "leave";
  /** Whose escrows containment takes back, and must see gone before it is called contained. */
  escrows: "all" | "suspect-payee" | "none";
  /** Signals that its own steps bring about: while an incident asks for nothing else they join it and widen nothing. */
  explains?: readonly SignalKind[];
  /** What answers instead where the signal is no critical one (C7: medium severity restricts). */
  unlessCritical?: { runbook: string; priority: Priority };
  steps: readonly Step[];
  /** What is left for a person, in order. */
  followUp: readonly string[];
}

/**
 * Runs each of these steps that has no receipt, in order, every one attempted whatever became of the one before (C1). A step
 * does not wait for the receipt of the one before to be written: what must not happen twice is in the ledger of actions.
 * Answers the names of those that failed; their reasons are in the timeline. Throws only where Redis fails or the abort came.
 */
export async function runSteps(given: StepContext, steps: readonly Step[]): Promise<{ failed: readonly string[] }> {
  const receipts = await given.ports.incidents.receipts(given.incident.id);
  const failed: string[] = [];
  /** What went wrong with each write, or nothing. */
  const written: Promise<unknown>[] = [];
  const keep = (work: Promise<unknown>) =>
    void written.push(
      work.then(
        () => undefined,
        (error: unknown) => error,
      ),
    );
  const context: StepContext = { ...given, alongside: keep };
  for (const step of steps) {
    if (receipts.has(receiptOf(context.incident, step))) continue;
    context.abort.throwIfAborted();
    const end =
      context.incident.dryRun && step.effect !== "reads"
        ? await wouldHave(context, step)
        : await attempt(context, step);
    if (!end.done) failed.push(step.name);
    keep(write(context, step, end));
  }
  const failure = (await Promise.all(written)).find((error) => error !== undefined);
  if (failure !== undefined) throw failure;
  return { failed };
}

/** What a dry run observed stands for itself: when its incident becomes a real one, every step is still to be done (P5). */
function receiptOf({ dryRun }: Pick<Incident, "dryRun">, { name }: Step): string {
  return dryRun ? `${DRY_RUN}${name}` : name;
}

export const DRY_RUN = "dry-run ";

type End = { done: true; result: Record<string, unknown> } | { done: false; error: unknown };

async function attempt(context: StepContext, step: Step): Promise<End> {
  const startedAt = performance.now();
  const { id: incidentId, agentId, runbook } = context.incident;
  const fields = () => ({
    incidentId,
    agentId,
    runbook,
    step: step.name,
    durationMs: Math.round(performance.now() - startedAt),
  });
  try {
    const result = await step.run(context);
    context.ports.log.info(fields(), "step.done");
    return { done: true, result };
  } catch (error) {
    context.abort.throwIfAborted();
    context.ports.log.warn({ ...fields(), ...describeError(error) }, "step.failed");
    return { done: false, error };
  }
}

/** P5: the step is decided and recorded, and nothing is done. */
async function wouldHave(context: StepContext, step: Step): Promise<End> {
  return { done: true, result: { dryRun: true, would: step.name, ...(await step.would?.(context)) } };
}

function write({ ports, incident }: StepContext, step: Step, end: End): Promise<unknown> {
  if (end.done) return ports.incidents.recordReceipt(incident.id, receiptOf(incident, step), "contain", end.result);
  const failure = { step: step.name, ...describeError(end.error), transient: isTransient(end.error) };
  return ports.incidents.note(incident.id, "contain", "step-failed", failure);
}
