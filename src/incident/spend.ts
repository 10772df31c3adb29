import type { Money } from "./money.ts";

/** What one agent spent, principal of escrows and other outflow alike, as its events told (D3). Times are milliseconds since 1970. */
export interface Spent {
  /** One by one, oldest first: the newest of the last hour that are still kept. */
  events: readonly { at: number; amount: Money }[];
  /** All that was spent in each minute since 1970/60 s, of the last 7 days; only minutes in which something was. */
  minutes: ReadonlyMap<number, Money>;
  /** Minutes are bounded: before this time there may have been more. 0: nothing was forgotten but what is older than 7 days. */
  wholeFrom: number;
}

export interface Spending {
  of(agentId: string): Promise<Spent>;
  /** By agent, minutes alone; a round trip for each hundred of a partition. */
  minutesOf(agentIds: readonly string[]): Promise<ReadonlyMap<string, Omit<Spent, "events">>>;
}

/** Amounts are decimal strings from here on, times ISO 8601. */
export interface SpendPoint {
  at: string;
  amount: string;
  /** Spent since the beginning of the series, this included. */
  total: string;
  /** 0: one payment. Otherwise all of so many milliseconds from `at` on, because single payments are not kept or too many. */
  spanMs: number;
}

/** What the agent is used to: so much in so long. from: which rule measured it, or "minutes before" where none did. */
export interface SpendBaseline {
  amount: string;
  perMs: number;
  samples: number;
  from: string;
}

/** One line over which spending was a signal, as settings were when it was concluded. */
export interface SpendLimit {
  what: "warning" | "critical";
  amount: string;
  perMs: number;
  signalId: string;
  rule: string;
}

/** A part of the evidence: what stays when the windows have run out. */
export interface KeptSpend {
  from: string;
  until: string;
  points: readonly SpendPoint[];
  /** False: the store had forgotten a part of what was spent between from and until. */
  isWhole: boolean;
  baseline: SpendBaseline | null;
}

/** What the plot of an incident shows. */
export interface SpendSeries extends KeptSpend {
  incidentId: string;
  agentId: string;
  /** The last reading that evidence has; null: all of it is still in the windows. */
  keptUntil: string | null;
  limits: readonly SpendLimit[];
  requestedAt: string | null;
  effectiveAt: string | null;
  containedAt: string | null;
  /** Spent although the freeze was known to hold. */
  afterFreeze: string;
  /** Each step of the way back, with the caps since then; null: uncapped, or left as they were. */
  rungs: readonly {
    at: string;
    what: "rung-taken" | "stepped-back";
    percent: number;
    dailyCap: string | null;
    monthlyCap: string | null;
  }[];
}
