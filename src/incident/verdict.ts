import type { Priority } from "./incident.ts";
import type { Page, PageOf } from "./page.ts";
import type { Signal, Tier } from "./signal.ts";

/** A signal and what policy answered: what detection keeps, shows and hands over. */
export interface Verdict {
  signal: Signal;
  /** null: no line of policy answers it, or a silence holds it back; it is recorded and nothing follows. */
  tier: Tier | null;
  decidedBy: string;
  /** The event that was first to conclude it and answers for it; absent where the event itself carries its verdict, or a person decided. */
  eventId?: string;
  /** Set where the agent is contained as a member of a cascade (RB5). */
  cascadeId?: string;
  /** Set where a named person ordered it: done in observe-only mode too, by the runbook they named. */
  order?: { by: string; runbook: string; priority: Priority };
}

/** A verdict as it is kept. keptAt is Redis time in milliseconds. */
export interface KeptVerdict extends Verdict {
  keptAt: number;
  /** The incident that it opened or joined; a verdict is answered once (G14). */
  incidentId: string | null;
}

/** Verdicts on their way from the rule that concluded them to the worker that acts on them, and for people to read afterwards. */
export interface Verdicts {
  /** First one stays; answers the one that stands. */
  keep(verdict: Verdict): Promise<KeptVerdict>;
  load(agentId: string, signalId: string): Promise<KeptVerdict | null>;
  /** Of one agent, by the time of what is behind them, both ends included; oldest first. */
  between(agentId: string, fromMs: number, untilMs: number): Promise<readonly KeptVerdict[]>;
  /** Newest first, over all agents. */
  recent(limit: number): Promise<readonly KeptVerdict[]>;
  /** The same by pages. */
  page(which: PageOf): Promise<Page<KeptVerdict>>;
}
