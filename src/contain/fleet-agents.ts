import type { BreakerState, Breakers } from "../incident/breaker.ts";
import { iso } from "../incident/iso.ts";
import { addMoney, formatMoney, type Money, zero } from "../incident/money.ts";
import { type Page, type PageOf, pageOf } from "../incident/page.ts";
import type { Caps, Clock, Incidents } from "../incident/ports.ts";
import { recoveryStateOf } from "../incident/recovery-state.ts";
import type { Spending, Spent } from "../incident/spend.ts";
import type { IncidentSummary } from "../incident/summary.ts";
import type { AgentWatch } from "../incident/watch.ts";
import { whatHappened } from "../incident/what-happened.ts";
import type { Settings } from "../settings/settings.ts";
import { defaultThresholds } from "../settings/thresholds.ts";
import { heldNow, troubleOf } from "./fleet-status.ts";
import { type KnownAgentsPorts, knownAgents } from "./known-agents.ts";

export interface FleetAgentsPorts {
  incidents: KnownAgentsPorts["incidents"] & Pick<Incidents, "allOpen" | "receipts">;
  spending: Pick<Spending, "minutesOf">;
  agentWatch: KnownAgentsPorts["agentWatch"] & Pick<AgentWatch, "heardAt">;
  caps: Pick<Caps, "lastSeen">;
  breakers: Pick<Breakers, "ask">;
  clock: Pick<Clock, "now">;
  settings: Pick<Settings, "fleet" | "breaker">;
}

/** Who spends, who is held, and why: one agent in one line. Amounts are decimal strings, times ISO 8601. */
export interface FleetAgent {
  agentId: string;
  wallet: string | null;
  /** trouble: an incident is open that has not come to hold it yet, or only watches it. */
  state: "free" | "trouble" | "frozen" | "halved" | "restricted" | "recovering";
  /** How much of its caps it has back; null: it is not recovering. */
  recoveringPercent: number | null;
  spent: {
    last5Min: string;
    lastHour: string;
    lastDay: string;
    /** False: more may have been spent in the last day than is kept. */
    isWhole: boolean;
  };
  /** The middle one of the minutes in which it spent before the last five and any open trouble; null: too few to tell. */
  usualPerMinute: string | null;
  /** As last seen at the gateway before it was held; daily null: uncapped. null: never seen. The gateway counts its fees against them, not what is spent. */
  caps: { daily: string | null; monthly: string | null } | null;
  breaker: BreakerState;
  incident: { id: string; status: string; priority: string } | null;
  /** One sentence; null: nothing is wrong with it. */
  why: string | null;
  lastEventAt: string | null;
}

/** Whose spending is read for one page: never without who is in trouble or in the settings, then who was heard of last. */
const MOST_AGENTS = 10_000;
const MINUTE_MS = 60_000;

/** Whoever spent most in the last hour first; of all that spent the same by name. */
export async function fleetAgents(ports: FleetAgentsPorts, which: PageOf & { agent?: string | undefined }) {
  const [known, open, now] = await Promise.all([knownAgents(ports), ports.incidents.allOpen(), ports.clock.now()]);
  const trouble = troubleOf(open);
  const all = [...new Set([...trouble.keys(), ...known])];
  const agentIds = which.agent === undefined ? all : all.filter((id) => id.includes(which.agent!));
  const minutes = await ports.spending.minutesOf(agentIds.slice(0, MOST_AGENTS));
  const rank = (agentId: string) => ({ at: centsOf(spentSince(minutes.get(agentId)!, now, 60)), id: agentId });
  const page = pageOf([...minutes.keys()], rank, which);
  const heardAt = await ports.agentWatch.heardAt(page.rows);
  const rows = page.rows.map((agentId) =>
    rowOf(ports, agentId, {
      spent: minutes.get(agentId)!,
      incident: trouble.get(agentId) ?? null,
      heardAt: heardAt.get(agentId) ?? null,
      now,
    }),
  );
  return { rows: await Promise.all(rows), next: page.next } satisfies Page<FleetAgent>;
}

interface Known {
  spent: Omit<Spent, "events">;
  incident: IncidentSummary | null;
  heardAt: number | null;
  now: number;
}

async function rowOf(ports: FleetAgentsPorts, agentId: string, known: Known): Promise<FleetAgent> {
  const { spent, incident, heardAt, now } = known;
  const [caps, breaker, held] = await Promise.all([
    ports.caps.lastSeen(agentId),
    ports.breakers.ask(agentId, ports.settings.breaker, { peek: true, sparing: [] }),
    incident && heldNow(ports.incidents, incident),
  ]);
  const isRecovering = incident?.status === "recovering";
  return {
    agentId,
    wallet: ports.settings.fleet.agents.find(({ id }) => id === agentId)?.wallet ?? null,
    state: held ?? (isRecovering ? "recovering" : incident ? "trouble" : "free"),
    recoveringPercent: incident && isRecovering ? (recoveryStateOf(incident).percent ?? 0) : null,
    spent: {
      last5Min: formatMoney(spentSince(spent, now, 5)),
      lastHour: formatMoney(spentSince(spent, now, 60)),
      lastDay: formatMoney(spentSince(spent, now, 24 * 60)),
      isWhole: spent.wholeFrom <= now - 24 * 60 * MINUTE_MS,
    },
    usualPerMinute: usualOf(spent, now, incident),
    caps: caps && { daily: capText(caps.dailyCap), monthly: capText(caps.monthlyCap ?? null) },
    breaker: breaker.state,
    incident: incident && { id: incident.id, status: incident.status, priority: incident.priority },
    why: incident ? whatHappened(incident) : breaker.state === "closed" ? null : `its breaker is ${breaker.state}`,
    lastEventAt: iso(heardAt),
  };
}

const capText = (cap: Money | null): string | null => (cap === null ? null : formatMoney(cap));

/** In whole minutes: the one that is not over yet, and so many before it. */
function spentSince({ minutes }: Pick<Spent, "minutes">, now: number, count: number): Money {
  const from = Math.floor(now / MINUTE_MS) - count;
  const amounts = [...minutes].filter(([minute]) => minute > from).map(([, amount]) => amount);
  return addMoney(zero, ...amounts);
}

/** As many as the spending rule waits for before it measures an agent by itself (D3): the middle of fewer may be the trouble itself. */
const LEAST_MINUTES = defaultThresholds.costAnomaly.minimumSamples;

/** Of the minutes before the last five, and before the trouble that is open. One trouble of long ago moves the middle of many little. */
function usualOf({ minutes }: Pick<Spent, "minutes">, now: number, incident: IncidentSummary | null): string | null {
  const beganAt = (incident?.signals ?? []).map(({ startedAt, occurredAt }) => startedAt ?? occurredAt);
  const until = Math.min(Math.floor(now / MINUTE_MS) - 4, ...beganAt.map((at) => Math.floor(at / MINUTE_MS)));
  const before = [...minutes].filter(([minute]) => minute < until).map(([, amount]) => amount);
  if (before.length < LEAST_MINUTES) return null;
  const middle = before.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))[Math.floor(before.length / 2)]!;
  return formatMoney(middle);
}

/** What a place in a list can hold: 15 digits. */
const centsOf = (amount: Money): number => Math.min(999_999_999_999_999, Number(amount / 1_000_000n));
