import { randomUUID } from "node:crypto";
import { TourniquetError } from "../errors.ts";
import type { ActionKey, Outcome } from "../incident/gateway.ts";
import { answerOf } from "../incident/told-call.ts";
import type { StepContext } from "./runbook.ts";

/**
 * Sends a write that lowers the agent's cap or freezes its wallet, as long as the incident holds the agent, and lets a raise
 * know that it is on its way (G9: a freeze waits for nothing, a raise waits for every freeze). An unclear answer keeps it on
 * its way until it can take effect no more. `begun` may be asked for beforehand, beside what else is read.
 */
export async function lowered<T>(
  context: StepContext,
  action: ActionKey,
  send: () => Promise<Outcome<T>>,
  begun: Promise<string | null> = beginLowering(context, action),
): Promise<Outcome<T>> {
  const { ports, incident } = context;
  const token = await begun;
  if (token === null)
    return {
      outcome: "not-done",
      error: new TourniquetError("conflict", `${incident.id} does not hold ${incident.agentId} any more`),
    };
  const outcome = await send();
  const answer = answerOf(action, outcome);
  await ports.caps.answerLowering(incident.agentId, incident.id, token, answer, outcome.outcome === "unknown");
  return outcome;
}

/** The token of a write that may go out now; null where the incident no longer holds the agent. */
export async function beginLowering({ ports, incident }: StepContext, action: ActionKey): Promise<string | null> {
  const token = randomUUID();
  const { deadlineMs, inFlightBoundMs } = ports.limits;
  const ttlMs = deadlineMs + inFlightBoundMs;
  const mayGo = await ports.caps.beginLowering(incident.agentId, incident.id, token, ttlMs, action);
  return mayGo ? token : null;
}

/** The write that this was asked for does not go out after all. */
export async function dropLowering(
  { ports, incident }: StepContext,
  action: ActionKey,
  begun: Promise<string | null>,
): Promise<void> {
  const token = await begun;
  if (token === null) return;
  await ports.caps.answerLowering(incident.agentId, incident.id, token, { action, outcome: "not-sent" }, false);
}
