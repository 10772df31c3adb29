import { addMoney, formatMoney, type Money, zero } from "../incident/money.ts";
import type { Severity, SignalKind } from "../incident/signal.ts";

/** Where in a trace something fell. line from 1; at in milliseconds since 1970, by the event. */
export interface Place {
  line: number;
  eventId: string;
  at: number;
}

/** An incident that a candidate would have opened. */
export interface TriedIncident {
  agentId: string;
  signal: SignalKind;
  severity: Severity;
  rule: string;
  decidedBy: string;
  /** Set where the agent is contained as a member of a cascade. */
  cascadeId: string | null;
  /** The event at which it was opened. */
  event: Place;
  /** Of the events behind the signal the oldest, and the first of the agent at all. */
  startedAt: number;
  firstEventAt: number;
  /** What is done with the budget, by all that joined: leave stops the agent itself and no money. */
  budget: "freeze" | "halve" | "leave";
  /** Where the freeze fell; null: none did. */
  frozen: Place | null;
  /** Opened and not ended when the freeze fell (where none did, when it was opened). */
  escrows: number;
  locked: Money;
  /** What the agent opened after the freeze. */
  lockedAfter: Money;
}

/** What one candidate made of a trace. */
export interface Tried {
  name: string;
  incidents: readonly TriedIncident[];
  warnings: number;
  /** Agents whose freeze waits for a person's word (P4). */
  waiting: readonly string[];
}

/** file: somebody said so. incidents: what people made of those that there were. today: only whom today's settings contain. */
export type TruthKind = "file" | "incidents" | "today";

/** Agents that were in trouble; whoever is not named was not, as far as anybody knows. */
export interface Truth {
  kind: TruthKind;
  trouble: ReadonlySet<string>;
}

export interface Comparison {
  /** In trouble and never contained; opened: all that such an agent opened. */
  missed: readonly { agentId: string; opened: Money }[];
  /** Contained without being in trouble. blocked: what they opened after their freeze. */
  falseFreezes: readonly { agentId: string; blocked: Money }[];
  /** Over agents in trouble. */
  locked: Money;
  saved: Money;
  /** Over false freezes. */
  blocked: Money;
  /** Agents in trouble alone; seconds are positive. */
  againstToday: {
    saved: Money;
    lost: Money;
    earlier: readonly { agentId: string; seconds: number }[];
    later: readonly { agentId: string; seconds: number }[];
  };
}

/** By what today's settings do where nobody knows better. */
export function truthOf(today: Tried, known: Truth | null): Truth {
  return known ?? { kind: "today", trouble: new Set(today.incidents.map(({ agentId }) => agentId)) };
}

/** Compares one candidate with the truth and with today. opened: all that an agent opened in the trace. */
export function compare(
  tried: Tried,
  today: Tried,
  { trouble }: Truth,
  opened: (agentId: string) => Money,
): Comparison {
  const [own, others] = [byAgent(tried), byAgent(today)];
  const isTrouble = ({ agentId }: TriedIncident) => trouble.has(agentId);
  const caught = tried.incidents.filter(isTrouble);
  const wrong = tried.incidents.filter((incident) => !isTrouble(incident));
  const gains = [...trouble].map((agentId) => gainOf(own.get(agentId), others.get(agentId)));
  const delays = caught.flatMap((incident) => delayOf(incident, others.get(incident.agentId)));
  return {
    missed: sorted(trouble)
      .filter((agentId) => !own.has(agentId))
      .map((agentId) => ({ agentId, opened: opened(agentId) })),
    falseFreezes: wrong.map(({ agentId, lockedAfter }) => ({ agentId, blocked: lockedAfter })),
    locked: addMoney(...caught.map(({ locked }) => locked)),
    saved: addMoney(...caught.map(({ lockedAfter }) => lockedAfter)),
    blocked: addMoney(...wrong.map(({ lockedAfter }) => lockedAfter)),
    againstToday: {
      saved: addMoney(...gains.filter((gain) => gain > zero)),
      lost: -addMoney(...gains.filter((gain) => gain < zero)) as Money,
      earlier: delays
        .filter(({ seconds }) => seconds < 0)
        .map(({ seconds, ...one }) => ({ ...one, seconds: -seconds })),
      later: delays.filter(({ seconds }) => seconds > 0),
    },
  };
}

const sorted = (ids: ReadonlySet<string>): string[] => [...ids].sort();

/** One an agent: nothing ends an incident within a trace. */
const byAgent = ({ incidents }: Tried) => new Map(incidents.map((incident) => [incident.agentId, incident]));

function gainOf(own: TriedIncident | undefined, today: TriedIncident | undefined): Money {
  return ((own?.lockedAfter ?? zero) - (today?.lockedAfter ?? zero)) as Money;
}

/** By the freeze where there is one on both sides, else by the incident. */
function delayOf(own: TriedIncident, today: TriedIncident | undefined): { agentId: string; seconds: number }[] {
  if (today === undefined) return [];
  const [a, b] = own.frozen && today.frozen ? [own.frozen, today.frozen] : [own.event, today.event];
  return [{ agentId: own.agentId, seconds: secondsBetween(b.at, a.at) }];
}

const secondsBetween = (from: number, to: number): number => Math.round(to - from) / 1000;

/** As `--json` shows it (docs/backtest.md): amounts as decimal strings, times as ISO 8601, lengths in seconds. */
export function presentTried(tried: Tried, comparison: Comparison) {
  const { missed, falseFreezes, locked, saved, blocked, againstToday } = comparison;
  return {
    name: tried.name,
    incidents: tried.incidents.map(presentIncident),
    warnings: tried.warnings,
    waiting: tried.waiting,
    missed: missed.map(({ agentId, opened }) => ({ agentId, opened: formatMoney(opened) })),
    falseFreezes: falseFreezes.map((one) => ({ agentId: one.agentId, blocked: formatMoney(one.blocked) })),
    totals: {
      incidents: tried.incidents.length,
      missed: missed.length,
      falseFreezes: falseFreezes.length,
      locked: formatMoney(locked),
      saved: formatMoney(saved),
      blocked: formatMoney(blocked),
    },
    againstToday: {
      ...againstToday,
      saved: formatMoney(againstToday.saved),
      lost: formatMoney(againstToday.lost),
    },
  };
}

export type PresentedTried = ReturnType<typeof presentTried>;

function presentIncident(incident: TriedIncident) {
  const { event, frozen, startedAt, firstEventAt, locked, lockedAfter, escrows, ...rest } = incident;
  const fell = frozen ?? event;
  return {
    ...rest,
    event: presentPlace(event),
    frozen: frozen && presentPlace(frozen),
    escrows,
    locked: formatMoney(locked),
    saved: formatMoney(lockedAfter),
    secondsFromStart: Math.max(0, secondsBetween(startedAt, fell.at)),
    secondsFromFirstEvent: Math.max(0, secondsBetween(firstEventAt, fell.at)),
  };
}

const presentPlace = ({ line, eventId, at }: Place) => ({ line, eventId, at: new Date(at).toISOString() });
