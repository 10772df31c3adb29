import type { Act } from "./act.ts";

/**
 * A story as data: who is there, what each does when, and what must come of it. Plain values only, so that what the
 * sandbox stages, what a fleet's settings say and what a drill expects are read from one place. Amounts are decimal strings.
 */
export interface Scenario {
  name: string;
  /** One sentence for whoever watches. */
  story: string;
  /** How many times as fast as the real night a drill plays it, if nobody says otherwise. */
  speed: number;
  agents: readonly StagedAgent[];
  /** In any order; each says when. Milliseconds since the story began. */
  acts: readonly Act[];
  switches?: Switches;
  expected: Expected;
}

export interface StagedAgent {
  agentId: string;
  /** Agents naming the same wallet share its money. */
  walletId: string;
  /** What is in the wallet at first; the same for all that share it. */
  balance: string;
  dailyCap: string | null;
  monthlyCap: string | null;
  alertThreshold?: number;
  /** The key the gateway shows at first and the fleet's settings pin; 64 hex digits. Left out: one nobody pinned. */
  publicKey?: string;
  /** 0..1, at first; also the baseline that the fleet's settings name. Left out: never computed, as in the real gateway. */
  reputation?: number;
  value?: "high" | "low";
  tools?: readonly string[];
  prompt?: string;
  /** Its SDK keeps every refusal it gets from the gateway for the next time errors are sent to the activity intake. */
  reportsErrors?: boolean;
}

/** What is different about the gateway or about how closely it is watched. */
export interface Switches {
  /** False: no webhook ever leaves the gateway, as in the real one of today. */
  delivery?: boolean;
  /** Wait before each answer of the gateway. */
  latencyMs?: number;
  /** How often pollers look, in milliseconds of real time; left out: the default of the settings. */
  watchEveryMs?: number;
  /** How often a freeze is looked at again, in milliseconds of real time; left out: the default of the settings. */
  holdEveryMs?: number;
}

/** What must come of it. Whoever is named nowhere must not be touched. */
export interface Expected {
  /** The kind of signal it is about; null for a benign trace, which must contain nobody. */
  signal: string | null;
  /** Of one cause: that signal must be the first of its incident. Else it must be among them. */
  isSingleCause: boolean;
  /** Caps at 0, and still so at the end. */
  frozen?: readonly string[];
  /** Half of the daily cap left. */
  halved?: readonly string[];
  /** No tools, no network, paused, by agent control. */
  stopped?: readonly string[];
  /** Tools that only read, by agent control, for what they share with one that is stopped; nothing else, and no incident. */
  restricted?: readonly string[];
  /** The escrows that must be refunded, each once. Without a payee: all that this agent opened. */
  comesBack?: readonly { payer: string; payee?: string }[];
  /** What may be taken back besides, if it happens to be held at that moment. */
  mayComeBack?: readonly { payer: string; payee?: string }[];
  /** How much of what must come back may have gone to a payee before anybody could take it back. Left out: nothing. */
  lost?: { atLeast: string; atMost: string };
  /** Those who are frozen are one cascade, and it began with this agent. */
  rootCause?: string;
  /** Somebody lifts the freeze or spends past it, and it must be put back. */
  isBreached?: boolean;
}
