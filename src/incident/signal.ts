/** Severity of a signal (mission, table D). */
export type Severity = "info" | "warning" | "critical";

/** Every signal of mission table D; a rule concludes one of these. */
export const signalKinds = [
  "budget-exhaustion",
  "budget-warning",
  "reputation-drift",
  "cost-anomaly",
  "escrow-burst",
  "payee-concentration",
  "cancellation-rate",
  "identity-compromise",
  "shared-resource-exhausted",
  "tool-call-burst",
  "suspicious-tool-sequence",
  "data-exfiltration",
  "error-spike",
  "detection-failure",
  // Concluded by a person, or by policy for the whole fleet (P4), and by a person for one agent: no rule does.
  "fleet-shutdown",
  "containment-order",
] as const;
export type SignalKind = (typeof signalKinds)[number];

/** D14: what made the signal, so that a person can check it by hand. Amounts are decimal strings, times milliseconds since 1970. */
export interface Why {
  rule: string;
  ruleVersion: number;
  /** One sentence for the page and the console. */
  sentence: string;
  thresholds: Readonly<Record<string, string | number>>;
  observed: Readonly<Record<string, string | number>>;
  baseline: Readonly<Record<string, string | number>> | null;
  /** Event ids that made it, oldest first, at most 50. */
  events: readonly string[];
}

export interface Signal {
  /** The same conclusion about the same trouble has the same id, whoever draws it and however often (G3). */
  id: string;
  kind: SignalKind;
  severity: Severity;
  agentId: string;
  /** When the newest event behind it happened, milliseconds since 1970. */
  occurredAt: number;
  /** When the oldest event behind it happened, where that is another: who moved first is told by this (RB5). */
  startedAt?: number;
  /** The counterparty a containment treats first, where the rule names one. */
  suspectPayee: string | null;
  why: Why;
}

/** What policy answers to a signal (mission P1). */
export type Tier = "alert-human" | "auto-contain" | "full-shutdown";

/** A decision with the line of policy that made it: logged, kept in the incident, tested. */
export interface Decision {
  tier: Tier;
  reason: string;
}
