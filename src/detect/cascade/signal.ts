import type { CascadeSignal, Cascades } from "../../incident/cascade.ts";
import { marks } from "../../incident/cascade-links.ts";
import { addMoney, formatMoney, type Money, money, parseMoney, zero } from "../../incident/money.ts";
import type { Started } from "../../incident/root-cause.ts";
import type { Signal, SignalKind } from "../../incident/signal.ts";
import { fleetAgent, type Settings } from "../../settings/settings.ts";

export interface CascadeSignalPorts {
  cascades: Pick<Cascades, "payments">;
  settings: Settings;
}

/** Outflow of an agent is what it opened in so long before its signal. */
const OUTFLOW_MS = 300_000;

/** Troubles that a prompt or a tool can be at fault for; a spending agent that shares a search tool with another shares no cause. */
const ofTheAgentItself: readonly SignalKind[] = [
  "tool-call-burst",
  "suspicious-tool-sequence",
  "data-exfiltration",
  "error-spike",
];

/** What the fleet-wide window keeps of a signal: how far off the agent is, what it sent out, and what others may share with it. */
export async function cascadeSignal(ports: CascadeSignalPorts, signal: Signal): Promise<CascadeSignal & Started> {
  const { agentId, occurredAt: at, startedAt, why } = signal;
  const payments = await ports.cascades.payments(agentId, at - OUTFLOW_MS, at);
  const told = parseMoney(why.observed.total);
  const outflow = told ?? addMoney(zero, ...payments.map(({ amount }): Money => money(amount)));
  const wallet = fleetAgent(ports.settings, agentId)?.wallet ?? null;
  const z = Number(why.observed.z);
  return {
    signalId: signal.id,
    agentId,
    kind: signal.kind,
    severity: signal.severity,
    at,
    ...(startedAt !== undefined && { startedAt }),
    z: why.observed.z !== undefined && Number.isFinite(z) ? z : null,
    outflow: formatMoney(outflow),
    wallet,
    suspectPayee: signal.suspectPayee,
    marks: marksOf(ports.settings, signal, new Set(payments.map(({ payee }) => payee))),
  };
}

function marksOf(settings: Settings, signal: Signal, payees: ReadonlySet<string>): string[] {
  const { agentId, kind, severity, suspectPayee } = signal;
  const agent = fleetAgent(settings, agentId);
  const walletMark = kind === "budget-warning" && severity !== "critical" ? marks.draws : marks.wallet;
  const own = [
    ...(severity === "critical" ? [marks.critical()] : []),
    marks.self(agentId),
    ...(agent?.wallet === undefined ? [] : [walletMark(agent.wallet)]),
    ...(suspectPayee === null ? [] : [marks.suspect(suspectPayee), marks.pays(suspectPayee)]),
    ...[...payees].map(marks.pays),
    ...sharedAtFault(settings, signal),
  ];
  return [...new Set(own)];
}

/** C8's settings say what agents must have in common: a prompt, or the tool that the signal names, else any of the agent's. */
function sharedAtFault(settings: Settings, { agentId, kind, why }: Signal): string[] {
  const agent = fleetAgent(settings, agentId);
  if (!agent || !ofTheAgentItself.includes(kind)) return [];
  const { restrictSimilar } = settings.agentControl;
  const named = why.observed.tool;
  const tools = typeof named === "string" ? [named] : agent.tools;
  return [
    ...(restrictSimilar.includes("prompt") && agent.prompt !== undefined ? [marks.prompt(agent.prompt)] : []),
    ...(restrictSimilar.includes("tool") ? tools.map(marks.tool) : []),
  ];
}
