import type { Incident } from "../incident/incident.ts";
import type { KeptRecovery } from "../incident/recovery.ts";
import type { Signal } from "../incident/signal.ts";
import { signalId } from "../incident/signal-id.ts";
import { runbookFor } from "../runbooks/index.ts";
import type { RecoverPorts } from "./ports.ts";

/** The rule by which a recovery itself concludes something. */
export const RELAPSE = "recovery-relapse";

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

/** Of what it was contained for, that which asks for most. */
async function strictest(
  { incidents }: RecoverPorts,
  { id }: Incident,
): Promise<Pick<Signal, "kind" | "severity" | "suspectPayee">> {
  const signals = await incidents.signals(id);
  const does = (budget: string) =>
    signals.find(({ kind, severity }) => runbookFor(kind, severity).runbook.budget === budget);
  return (
    does("freeze") ?? does("halve") ?? signals[0] ?? { kind: "cost-anomaly", severity: "critical", suspectPayee: null }
  );
}
