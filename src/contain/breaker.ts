import { toAgentId } from "../incident/agent-id.ts";
import type { BreakerState, Breakers, BreakerView, ReportAnswer } from "../incident/breaker.ts";
import type { Log } from "../incident/ports.ts";
import { whoAndWhy } from "../incident/who-and-why.ts";
import { runbooks } from "../runbooks/index.ts";
import type { Settings } from "../settings/settings.ts";

export interface BreakerPorts {
  breakers: Breakers;
  settings: Pick<Settings, "breaker">;
  log: Log;
}

/** What an agent is told (docs/breaker.md). probe: to be sent back with the outcome of the one call it was given for. */
export interface BreakerAnswer {
  agentId: string;
  state: BreakerState;
  mayProceed: boolean;
  probe: string | null;
  /** Until it is worth asking again; 0: now; null: nobody can say. */
  retryAfterMs: number | null;
  reason: string;
}

/** P2: at half its budget an agent goes on spending; every other runbook stops it while its incident is open. */
const sparing = runbooks.filter(({ budget }) => budget === "halve").map(({ name }) => name);

/** May this agent spend? Asked in half-open it takes the probe, unless it only peeks. Throws redis-unavailable: nothing is guessed. */
export async function askBreaker(
  { breakers, settings }: BreakerPorts,
  agentId: string,
  options: { peek: boolean },
): Promise<BreakerAnswer> {
  const view = await breakers.ask(toAgentId(agentId), settings.breaker, { ...options, sparing });
  const mayProceed = view.heldBy === null && (view.state === "closed" || view.probe !== null);
  return {
    agentId,
    state: view.state,
    mayProceed,
    probe: view.probe,
    retryAfterMs: view.heldBy === null ? view.retryAfterMs : null,
    reason: reasonOf(view),
  };
}

function reasonOf({ state, failures, openedAt, probe, retryAfterMs, heldBy, lastReset }: BreakerView): string {
  if (heldBy !== null) return `contained: incident ${heldBy} is open`;
  const since = openedAt === null ? "" : ` at ${new Date(openedAt).toISOString()}`;
  if (state === "open") return `opened${since}, after ${failures} failures in a row`;
  if (state === "half-open") {
    if (probe !== null) return "this is the one probe: report its outcome with the token";
    return retryAfterMs > 0 ? "another probe is under way" : "a probe is free: ask without peek";
  }
  const reset = lastReset ? `; reset by ${lastReset.by}: ${lastReset.reason}` : "";
  return `${failures === 0 ? "no failures" : `${failures} failures in a row`}${reset}`;
}

/** The outcome of one spending attempt, told by the agent. What it changed is logged here. */
export async function reportOutcome(
  { breakers, settings, log }: BreakerPorts,
  agentId: string,
  report: { outcome: "success" | "failure"; probe: string | null },
): Promise<{ agentId: string; answer: ReportAnswer; failures: number }> {
  const { answer, failures } = await breakers.report(toAgentId(agentId), settings.breaker, report);
  if (answer === "opened") log.warn({ agentId, failures, openMs: settings.breaker.openMs }, "breaker.opened");
  if (answer === "closed") log.info({ agentId }, "breaker.closed");
  return { agentId, answer, failures };
}

/** A person knows better: closed at once, and remembered who said so. */
export async function resetBreaker(
  { breakers, log }: BreakerPorts,
  agentId: string,
  said: { by: string; reason: string },
): Promise<{ agentId: string; answer: "reset" | "was-not-open" }> {
  const { by, reason } = whoAndWhy({ by: said.by, reason: said.reason });
  const wasOpen = await breakers.reset(toAgentId(agentId), by, reason);
  log.warn({ agentId, by, reason, wasOpen }, "breaker.reset");
  return { agentId, answer: wasOpen ? "reset" : "was-not-open" };
}
