import type { CascadeSignal } from "./cascade.ts";
import { type Money, money } from "./money.ts";

/** Where a cascade most likely began (RB5), and by what it was told from the others. */
export interface RootCause {
  agentId: string;
  why: string;
}

/**
 * When the first event behind a signal happened, where that is not its own time: a loop is told by its eighth escrow, and who
 * failed after its first is its victim.
 */
export interface Started {
  startedAt?: number;
}

interface Candidate {
  agentId: string;
  z: number;
  firstAt: number;
  outflow: Money;
}

/**
 * The agent furthest over its baseline; of equals the one that moved first, by the time of the first event behind its signals,
 * then the one that sent out most, then by name: the answer depends on the signals alone and not on the order in which they
 * came. Needs one signal.
 */
export function rootCauseOf(signals: readonly (CascadeSignal & Started)[]): RootCause {
  const byAgent = Map.groupBy(signals, ({ agentId }) => agentId);
  const ranked = [...byAgent].map(([agentId, own]) => candidate(agentId, own)).sort(compare);
  const [first, second] = ranked;
  if (!first) throw new RangeError("a cascade has at least one signal");
  return { agentId: first.agentId, why: reason(first, second) };
}

function candidate(agentId: string, own: readonly (CascadeSignal & Started)[]): Candidate {
  const outflows = own.map(({ outflow }) => money(outflow));
  return {
    agentId,
    z: Math.max(...own.map(({ z }) => z ?? Number.NEGATIVE_INFINITY)),
    firstAt: Math.min(...own.map(({ at, startedAt }) => startedAt ?? at)),
    outflow: outflows.reduce((most, one) => (one > most ? one : most)),
  };
}

function compare(a: Candidate, b: Candidate): number {
  if (a.z !== b.z) return a.z > b.z ? -1 : 1;
  if (a.firstAt !== b.firstAt) return a.firstAt - b.firstAt;
  if (a.outflow !== b.outflow) return a.outflow > b.outflow ? -1 : 1;
  return a.agentId < b.agentId ? -1 : 1;
}

function reason(first: Candidate, second: Candidate | undefined): string {
  if (!second) return "the only agent";
  if (first.z !== second.z) return `furthest over its baseline (z ${first.z})`;
  if (first.firstAt !== second.firstAt) return "its trouble began first";
  return first.outflow !== second.outflow ? "sent out most" : "first by name; nothing else tells them apart";
}
