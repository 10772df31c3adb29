import { TourniquetError } from "../errors.ts";
import type { Priority } from "../incident/incident.ts";
import type { Severity, SignalKind } from "../incident/signal.ts";
import { agentBreach } from "./agent-breach.ts";
import { agentRestriction } from "./agent-restriction.ts";
import { cascadeFailure } from "./cascade-failure.ts";
import { escrowExploitation } from "./escrow-exploitation.ts";
import { fleetShutdown } from "./fleet-shutdown.ts";
import { identityCompromise } from "./identity-compromise.ts";
import { runawaySpending } from "./runaway-spending.ts";
import type { Runbook } from "./runbook.ts";
import { serviceDegradation } from "./service-degradation.ts";

/** Every runbook. The first that handles a signal answers it; the first of all answers what none names. */
export const runbooks: readonly Runbook[] = [
  runawaySpending,
  escrowExploitation,
  identityCompromise,
  serviceDegradation,
  cascadeFailure,
  agentBreach,
  agentRestriction,
  fleetShutdown,
];

/** What answers this signal, and how urgent it is (mission P2). */
export function runbookFor(
  signal: SignalKind,
  severity: Severity = "critical",
): { runbook: Runbook; priority: Priority } {
  const runbook = runbooks.find(({ handles }) => signal in handles) ?? runawaySpending;
  const milder = severity === "critical" ? undefined : runbook.unlessCritical;
  if (milder) return { runbook: runbookNamed(milder.runbook), priority: milder.priority };
  return { runbook, priority: runbook.handles[signal] ?? "P0" };
}

/** The most urgent that it makes an incident by itself. */
export function priorityOf({ handles }: Runbook): Priority {
  return Object.values(handles).sort()[0] ?? "P0";
}

/** Runbooks whose own steps bring this signal about. */
export function explainedBy(signal: SignalKind): readonly string[] {
  return runbooks.filter(({ explains }) => explains?.includes(signal)).map(({ name }) => name);
}

export function runbookNamed(name: string): Runbook {
  const found = runbooks.find((runbook) => runbook.name === name);
  if (!found)
    throw new TourniquetError(
      "internal",
      `no runbook named ${name}: an older version of this product may have opened the incident`,
    );
  return found;
}
