import { iso } from "./iso.ts";
import type { Page, PageOf } from "./page.ts";
/**
 * A change of one agent's threshold that an incident taught (F6). open: it waits for a person. approved: it is in force.
 * superseded: another one of the same threshold took its place. overruled: the settings file was edited for that very value.
 */
export const tuningStates = ["open", "approved", "rejected", "superseded", "withdrawn", "overruled"] as const;
export type TuningState = (typeof tuningStates)[number];

export interface Tuning {
  id: string;
  agentId: string;
  /** Within the agent's thresholds: "costAnomaly.sigmas". */
  path: string;
  direction: "tighter" | "looser";
  /** In force when it was proposed, and what is proposed. */
  from: number;
  to: number;
  /** What the settings file, or the default, said then. When it says something else the file wins. */
  fileValue: number;
  incidentId: string;
  reason: string;
  /** Redis time in milliseconds, as below. */
  madeAt: number;
  state: TuningState;
  decidedBy: string | null;
  decidedAt: number | null;
  decidedBecause: string | null;
}

export type Proposal = Pick<
  Tuning,
  "agentId" | "path" | "direction" | "from" | "to" | "fileValue" | "incidentId" | "reason"
>;

export interface TuningDecision {
  to: "approved" | "rejected" | "withdrawn" | "overruled";
  by: string;
  reason: string;
}

export interface Tunings {
  /** An incident proposes once per threshold: `known` where it did. An open proposal of the same threshold is superseded. */
  propose(proposal: Proposal): Promise<{ answer: "proposed" | "known"; tuning: Tuning }>;
  /** changed false: it is in a state that this cannot be decided from. Null: there is no such tuning. */
  decide(id: string, decision: TuningDecision): Promise<{ changed: boolean; tuning: Tuning } | null>;
  load(id: string): Promise<Tuning | null>;
  /** Newest first. */
  list(limit: number): Promise<readonly Tuning[]>;
  page(which: PageOf): Promise<Page<Tuning>>;
  /** Approved, at most one per agent and threshold. `version` changes whenever they do. */
  inForce(): Promise<{ version: number; tunings: readonly Tuning[] }>;
  version(): Promise<number>;
}

export function presentTuning(tuning: Tuning) {
  return { ...tuning, madeAt: iso(tuning.madeAt), decidedAt: iso(tuning.decidedAt) };
}
