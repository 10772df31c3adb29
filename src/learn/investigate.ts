import { describeError } from "../errors.ts";
import type { Gateway } from "../incident/gateway.ts";
import type { JobData } from "../incident/jobs.ts";
import { formatMoney } from "../incident/money.ts";
import type { Incidents, Log } from "../incident/ports.ts";

export interface InvestigatePorts {
  gateway: Gateway;
  incidents: Incidents;
  log: Log;
}

/** F1: the window of evidence opens an hour before detection. */
const BEFORE_MS = 3_600_000;

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
  const entries = await Promise.all(
    Object.entries(sources).map(
      async ([name, source]) =>
        [name, await take(ports, source, incident.agentId, incident.openedAt - BEFORE_MS)] as const,
    ),
  );
  const signals = await ports.incidents.signals(incidentId);
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
export async function take(
  ports: Pick<InvestigatePorts, "gateway">,
  source: Source,
  agentId: string,
  sinceMs: number,
): Promise<{ known: unknown } | { unknown: string }> {
  try {
    return { known: await source(ports.gateway, agentId, sinceMs) };
  } catch (error) {
    return { unknown: describeError(error).message };
  }
}

async function allEscrows(gateway: Gateway, agentId: string): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const page of gateway.listEscrows(agentId, {})) rows.push(...page);
  return rows;
}
