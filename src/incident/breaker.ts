/** closed: normal. open: tripped, nobody may proceed. half-open: one probe may, and its outcome decides. */
export type BreakerState = "closed" | "open" | "half-open";

/** P3: failures in a row until it opens, how long it stays open, and when a probe that says nothing is given up. */
export interface BreakerLimits {
  failures: number;
  openMs: number;
  probeMs: number;
}

/** What the store knows of one breaker now. Times in milliseconds since 1970 by Redis. */
export interface BreakerView {
  state: BreakerState;
  /** In a row; those that opened it included. */
  failures: number;
  openedAt: number | null;
  /** The token of the probe that this very question was given; null: none was. */
  probe: string | null;
  /** Until it is worth asking again; 0: now. */
  retryAfterMs: number;
  /** The open incident that keeps the agent from spending, whatever the breaker says. */
  heldBy: string | null;
  lastReset: { by: string; reason: string; at: number } | null;
}

/** What became of a report. ignored: it came from nobody whose outcome decides, as from a call begun before the breaker opened. */
export type ReportAnswer = "counted" | "opened" | "closed" | "ignored";

/** One circuit breaker per agent. Throws redis-unavailable or redis-full; nothing is guessed then. */
export interface Breakers {
  /**
   * peek: only look. Otherwise a half-open breaker gives its probe to exactly one question, however many ask at once.
   * sparing: runbooks that let an agent go on spending while their incident is open.
   */
  ask(
    agentId: string,
    limits: BreakerLimits,
    options: { peek: boolean; sparing: readonly string[] },
  ): Promise<BreakerView>;
  report(
    agentId: string,
    limits: BreakerLimits,
    report: { outcome: "success" | "failure"; probe: string | null },
  ): Promise<{ answer: ReportAnswer; failures: number }>;
  /** False: it was not open. */
  reset(agentId: string, by: string, reason: string): Promise<boolean>;
  /** Over the whole fleet; openings ever. */
  counts(limits: BreakerLimits): Promise<{ open: number; halfOpen: number; openings: number }>;
}
