/** A score of an agent's reputation, 0..1, at one time. */
export interface ScoreReading {
  score: number;
  at: number;
  eventId: string;
}

/** What is remembered of them. All of it the same for any order of arrival. */
export interface SeenStanding {
  /** The earliest score above zero; null if there was none yet. */
  first: { score: number; at: number } | null;
  /** The lowest above zero since the agent's last incident was over, the earliest of equals. */
  lowest: ScoreReading | null;
  /** The last one of zero since then: a fall if it came after the first, else never computed. */
  zero: ScoreReading | null;
  epoch: number;
  observed: number;
}

export interface Standing {
  observe(agentId: string, reading: ScoreReading): Promise<SeenStanding>;
  /** The earliest score above zero; null if there was none yet. */
  first(agentId: string): Promise<number | null>;
}
