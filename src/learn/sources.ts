import type { Gateway, Transaction } from "../incident/gateway.ts";
import type { Incident } from "../incident/incident.ts";
import { formatMoney, type Money } from "../incident/money.ts";
import type { Clock } from "../incident/ports.ts";
import type { Signal } from "../incident/signal.ts";
import { readSpend, type SpendPorts } from "./spend.ts";
import { activitySince, type TelemetryPorts, toolUseSince } from "./telemetry.ts";

/** F1: the window of evidence, from an hour before detection to five minutes after it; milliseconds since 1970. */
export function evidenceWindow({ openedAt }: Pick<Incident, "openedAt">): { fromMs: number; untilMs: number } {
  return { fromMs: openedAt - BEFORE_MS, untilMs: openedAt + AFTER_MS };
}
const BEFORE_MS = 3_600_000;
const AFTER_MS = 300_000;
/** And after an exfiltration a day: what the agent had read by then may have left with it. */
const AUDIT_MS = 24 * BEFORE_MS;

/** At most so many rows of a list, newest first; what is left out is counted. Evidence stays for ever, so it has an end. */
const MOST_ROWS = 5_000;
const MOST_CLAIMS = 1_000;

/** What a source answered. leftOut: rows beyond what is kept. */
export interface Found {
  known: unknown;
  leftOut?: number;
}
export type Source = () => Promise<Found>;

/** What stands in every part of the evidence beside what its sources answered. Asked after them: by their answers it knows the gateway's clock. */
export async function takenNow(
  { gateway, clock }: { gateway: Pick<Gateway, "now">; clock: Pick<Clock, "now"> },
  incident: Pick<Incident, "openedAt">,
): Promise<Taken> {
  const takenAt = await clock.now();
  const there = gateway.now();
  return {
    takenAt,
    window: evidenceWindow(incident),
    gatewayAheadMs: there === null ? null : Math.round(there - takenAt),
  };
}

/** gatewayAheadMs: by how much the gateway's clock ran ahead of Redis's; null: it did not say. */
export interface Taken {
  takenAt: number;
  window: { fromMs: number; untilMs: number };
  gatewayAheadMs: number | null;
}

/** F1, in the order in which it could be changed by whoever is behind the trouble. */
export function sourcesOf(
  ports: TelemetryPorts & SpendPorts & { gateway: Gateway },
  incident: Incident,
  signals: readonly Signal[],
): Readonly<Record<string, Source>> {
  const { gateway } = ports;
  const { agentId, openedAt } = incident;
  const { fromMs, untilMs } = evidenceWindow(incident);
  return {
    identity: async () => ({ known: await gateway.readIdentity(agentId) }),
    claimChains: async () => newest(await gateway.readClaimChains(agentId), MOST_CLAIMS),
    claims: async () => newest(await gateway.readClaims(agentId), MOST_CLAIMS),
    reputation: async () => ({ known: await gateway.readReputation(agentId) }),
    ...moneySources(gateway, incident),
    spend: async () => ({ known: await readSpend(ports, incident, signals) }),
    activity: async () => ({ known: await activitySince(ports, agentId, fromMs, untilMs) }),
    ...(signals.some(({ kind }) => kind === "data-exfiltration") && {
      toolUse: async () => ({ known: await toolUseSince(ports, agentId, openedAt - AUDIT_MS, untilMs) }),
    }),
  };
}

/** What the impact is counted from (F2). */
export function moneySources(gateway: Gateway, incident: Incident): Readonly<Record<string, Source>> {
  const { agentId } = incident;
  const { fromMs, untilMs } = evidenceWindow(incident);
  const inWindow = ({ createdAt }: Transaction) => createdAt === undefined || createdAt <= untilMs;
  return {
    balance: async () => ({ known: { balance: formatMoney((await gateway.readBalance(agentId)).balance) } }),
    escrows: () => allEscrows(gateway, agentId),
    transactions: async () => newest((await gateway.listTransactions(agentId, fromMs)).filter(inWindow), MOST_ROWS),
  };
}

function newest(rows: readonly unknown[], most: number): Found {
  return rows.length <= most ? { known: rows } : { known: rows.slice(0, most), leftOut: rows.length - most };
}

/** Every page, newest first as the gateway lists them. */
async function allEscrows(gateway: Gateway, agentId: string): Promise<Found> {
  const rows: unknown[] = [];
  let count = 0;
  for await (const page of gateway.listEscrows(agentId, {})) {
    count += page.length;
    rows.push(...page.slice(0, MOST_ROWS - rows.length));
  }
  return count > rows.length ? { known: rows, leftOut: count - rows.length } : { known: rows };
}

/** Evidence as JSON keeps it: amounts as decimal strings. */
export function inText(evidence: object): Record<string, unknown> {
  return JSON.parse(
    JSON.stringify(evidence, (_, value) => (typeof value === "bigint" ? formatMoney(value as Money) : value)),
  );
}
