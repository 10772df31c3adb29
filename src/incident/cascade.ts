import { isHearsay } from "./hearsay.ts";
import type { Page, PageOf } from "./page.ts";
import type { Severity, SignalKind } from "./signal.ts";
import type { Verdict } from "./verdict.ts";

/** One signal as the fleet-wide window keeps it (RB5). */
export interface CascadeSignal {
  signalId: string;
  agentId: string;
  kind: SignalKind;
  severity: Severity;
  /** When the newest event behind it happened, milliseconds since 1970: cascades go by event time. */
  at: number;
  /** How many sigmas over its baseline; null where the rule knows none. */
  z: number | null;
  /** What the agent sent out in this trouble, decimal string. */
  outflow: string;
  wallet: string | null;
  suspectPayee: string | null;
  /** What others can have in common with it: incident/cascade-links.ts. */
  marks: readonly string[];
}

/** What became of one agent of a cascade. over: its own incident had ended before the cascade came to it. */
export interface CascadeMember {
  agentId: string;
  /** freezing: handed to containment. waiting: beyond the cap of automatic freezes, a person decides (P4). */
  standing: "freezing" | "waiting" | "over";
  /** The verdict that contains it, by which its incident is found. */
  signalId: string;
}

/** Two or more agents whose signals belong together. Times are Redis time in milliseconds. */
export interface Cascade {
  id: string;
  windowMs: number;
  openedAt: number;
  closedAt: number | null;
  signals: readonly CascadeSignal[];
  /** Those handed over so far; `signals` may name an agent a moment earlier. */
  members: readonly CascadeMember[];
}

export interface NearSignal {
  signalId: string;
  agentId: string;
  /** The open cascade it belongs to. */
  cascadeId: string | null;
}

interface Standing {
  standing: "standing" | "over";
  /** The open cascade that the signal belongs to. */
  cascadeId: string | null;
}

/** The fleet-wide window and the cascades that came of it. All of it lies in one slot: there is one fleet. */
export interface Cascades {
  /**
   * Which others this signal has something in common with, at most windowMs away by event time. Of many that share one thing
   * only the nearest on either side: they are joined among themselves already. `over`: the signal belonged to a cascade that
   * is closed.
   */
  look(signal: CascadeSignal, windowMs: number): Promise<Standing & { near: readonly NearSignal[] }>;
  /**
   * Adds the signal, once, and joins it with those and all that they were joined with before into one group, in one act; from
   * `agents` different agents on it is a cascade. pending: its agents that nobody handed to containment yet, those of a worker
   * that died included.
   */
  join(
    signal: CascadeSignal,
    options: { windowMs: number; agents: number },
  ): Promise<Standing & { opened: boolean; pending: readonly string[] }>;
  handedOver(cascadeId: string, members: readonly CascadeMember[]): Promise<void>;
  /** Its incident is over: nobody is linked through it any more. */
  forget(signalId: string): Promise<void>;
  /** All its incidents are over. */
  close(cascadeId: string): Promise<void>;
  /** One that was merged into another is answered as that other. */
  load(cascadeId: string): Promise<Cascade | null>;
  /** Newest first. */
  list(limit: number): Promise<readonly Cascade[]>;
  page(which: PageOf): Promise<Page<Cascade>>;
  /** What the agent opened lately, by the window of its escrows: amounts are decimal strings. */
  payments(agentId: string, fromMs: number, untilMs: number): Promise<readonly { payee: string; amount: string }[]>;
}

/**
 * Whether a verdict counts towards a cascade. Not: what nothing follows from; a failed check of ours, which says nothing
 * about the agent; what a cascade, a shutdown or a person decided; what was only heard on the bus; a shared wallet that is low without anybody having failed.
 */
export function countsForCascade({ signal, tier, cascadeId }: Verdict): boolean {
  if (tier === null || cascadeId !== undefined || signal.severity === "info" || isHearsay(signal)) return false;
  if (["detection-failure", "fleet-shutdown", "containment-order"].includes(signal.kind)) return false;
  return signal.kind !== "shared-resource-exhausted" || signal.severity === "critical";
}
