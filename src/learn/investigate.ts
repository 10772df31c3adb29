import { describeError } from "../errors.ts";
import type { Gateway } from "../incident/gateway.ts";
import type { JobData } from "../incident/jobs.ts";
import { formatMoney } from "../incident/money.ts";
import type { Incidents, Log } from "../incident/ports.ts";
import { activitySince, type TelemetryPorts, toolUseSince } from "./telemetry.ts";

export interface InvestigatePorts extends TelemetryPorts {
  gateway: Gateway;
  incidents: Incidents;
  log: Log;
}

/** F1: the window of evidence opens an hour before detection. */
const BEFORE_MS = 3_600_000;
/** And after an exfiltration a day: what the agent had read by then may have left with it. */
const AUDIT_MS = 24 * BEFORE_MS;

type Source = (gateway: Gateway, agentId: string, sinceMs: number) => Promise<unknown>;

/** F1, in the order in which it could be changed by whoever is behind the trouble. */
const sources: Readonly<Record<string, Source>> = {
  identity: (gateway, agentId) => gateway.readIdentity(agentId),
  claimChains: (gateway, agentId) => gateway.readClaimChains(agentId),
  claims: (gateway, agentId) => gateway.readClaims(agentId),
  reputation: (gateway, agentId) => gateway.readReputation(agentId),
  balance: async (gateway, agentId) => ({ balance: formatMoney((await gateway.readBalance(agentId)).balance) }),
  escrows: (gateway, agentId) => allEscrows(gateway, agentId),
  transactions: (gateway, agentId, sinceMs) => gateway.listTransactions(agentId, sinceMs),
};

/**
 * Evidence of one incident, taken at containment and again when the window closes; the first of each part stays. A source that
 * does not answer is recorded as unknown, with the reason: missing evidence is a finding, never a gap.
 */
export async function investigate(
  ports: InvestigatePorts,
  { incidentId, part }: Extract<JobData["forensics"], { incidentId: string }>,
): Promise<{ answer: "taken" | "no-incident"; unknown: readonly string[] }> {
  const incident = await ports.incidents.load(incidentId);
  if (!incident) return { answer: "no-incident", unknown: [] };
  const { agentId, openedAt } = incident;
  const signals = await ports.incidents.signals(incidentId);
  const asked: Readonly<Record<string, () => Promise<unknown>>> = {
    ...Object.fromEntries(
      Object.entries(sources).map(([name, source]) => [
        name,
        () => source(ports.gateway, agentId, openedAt - BEFORE_MS),
      ]),
    ),
    activity: () => activitySince(ports, agentId, openedAt - BEFORE_MS),
    ...(signals.some(({ kind }) => kind === "data-exfiltration") && {
      toolUse: () => toolUseSince(ports, agentId, openedAt - AUDIT_MS),
    }),
  };
  const entries = await Promise.all(
    Object.entries(asked).map(async ([name, ask]) => [name, await known(ask)] as const),
  );
  const evidence = { ...Object.fromEntries(entries), events: signals.flatMap((signal) => signal.why.events) };
  await ports.incidents.recordEvidence(
    incidentId,
    part,
    JSON.parse(
      JSON.stringify(evidence, (_, value) => (typeof value === "bigint" ? formatMoney(value as never) : value)),
    ),
  );
  const unknown = entries.filter(([, answer]) => "unknown" in answer).map(([name]) => name);
  await ports.incidents.note(incidentId, "learn", "evidence-taken", { part, sources: entries.length, unknown });
  ports.log.info({ incidentId, agentId: incident.agentId, part, unknown }, "evidence.taken");
  return { answer: "taken", unknown };
}

/** Missing evidence is a finding: what a source did not answer is kept as unknown, with the reason. */
export function take(
  ports: Pick<InvestigatePorts, "gateway">,
  source: Source,
  agentId: string,
  sinceMs: number,
): Promise<{ known: unknown } | { unknown: string }> {
  return known(() => source(ports.gateway, agentId, sinceMs));
}

async function known(ask: () => Promise<unknown>): Promise<{ known: unknown } | { unknown: string }> {
  try {
    return { known: await ask() };
  } catch (error) {
    return { unknown: describeError(error).message };
  }
}

async function allEscrows(gateway: Gateway, agentId: string): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const page of gateway.listEscrows(agentId, {})) rows.push(...page);
  return rows;
}
