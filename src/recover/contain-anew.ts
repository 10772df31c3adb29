import type { Incident } from "../incident/incident.ts";
import type { KeptRecovery } from "../incident/recovery.ts";
import { RELAPSE } from "../incident/relapse.ts";
import type { Signal } from "../incident/signal.ts";
import { signalId } from "../incident/signal-id.ts";
import { runbookFor } from "../runbooks/index.ts";
import { planOf } from "../runbooks/plan.ts";
import type { Runbook } from "../runbooks/runbook.ts";
import { isDryRun } from "../settings/settings.ts";
import type { RecoverPorts } from "./ports.ts";

type Anew = Pick<Signal, "kind" | "severity" | "suspectPayee">;

/**
 * As it was contained before, by a verdict that goes the way of every other one: it opens an incident, which takes this one's
 * place. It is asked for after the step back was counted: whoever looked at an older state, and took our own rung for somebody
 * else's, was told so by then. The signal has one id for each step back, so that nothing is concluded twice.
 */
export async function containAnew(
  ports: RecoverPorts,
  incident: Incident,
  { stepBacks, rungs, rung }: KeptRecovery,
  why: string,
): Promise<void> {
  const { id: incidentId, agentId } = incident;
  const { kind, severity, suspectPayee } = await strictest(ports, incident);
  const signal: Signal = {
    id: signalId(kind, agentId, `relapse ${incidentId} ${stepBacks}`),
    ...{ kind, severity, agentId, suspectPayee },
    occurredAt: await ports.clock.now(),
    why: {
      ...{ rule: RELAPSE, ruleVersion: 1, thresholds: {}, baseline: null, events: [] },
      sentence: `${agentId} was recovering from ${incidentId}, and is contained again: ${why.replace(/\.$/, "")}.`,
      observed: { recovering: incidentId, percent: rung === null ? 0 : (rungs[rung]?.percent ?? 0) },
    },
  };
  await ports.verdicts.keep({ signal, tier: "auto-contain", decidedBy: `recovery of ${incidentId}` });
  await ports.dispatch.add("freeze", agentId, `freeze-${signal.id}`, { eventId: null, agentId, signalId: signal.id });
}

/**
 * Observe-only mode came into force since it was contained (P5): a verdict would open a dry run, which holds nobody, and stand for
 * the containment that never was. The agent is left where it is, people are told so, and back in act mode it is contained.
 */
export async function isLeftFree(ports: Pick<RecoverPorts, "incidents" | "settings">, incident: Incident) {
  const { kind, severity } = await strictest(ports, incident);
  return isDryRun(ports.settings, runbookFor(kind, severity).runbook.name);
}

/**
 * Of what it was contained for, that which asks for most of its budget. A signal's own runbook may ask for less than was done: a
 * member of a cascade was frozen whatever its signal was (RB5). What froze it then freezes it now.
 */
async function strictest({ incidents }: Pick<RecoverPorts, "incidents">, incident: Incident): Promise<Anew> {
  const { budget } = planOf(incident);
  const signals = await incidents.signals(incident.id);
  const asked = signals.find(({ kind, severity }) => runbookFor(kind, severity).runbook.budget === budget);
  return asked ?? instead[budget];
}

/** Where no signal of its own asks for so much. */
const instead: Readonly<Record<Runbook["budget"], Anew>> = {
  freeze: { kind: "cost-anomaly", severity: "critical", suspectPayee: null },
  halve: { kind: "reputation-drift", severity: "critical", suspectPayee: null },
  leave: { kind: "error-spike", severity: "warning", suspectPayee: null },
};
