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
  accepted: AcceptedScore | null;
  epoch: number;
  observed: number;
}

/**
 * A score that a person accepted as the agent was let go again (R1): from then on drops are measured from it, until the score is
 * back at the baseline that it lay below. Measured from that, the fall that was accepted would be new trouble at the next poll.
 */
export interface AcceptedScore {
  score: number;
  at: number;
  /** The baseline that it lay below. */
  against: number;
}

/** at: event time; null: given in the settings. */
export interface StandingBaseline {
  score: number;
  at: number | null;
  kind: "settings" | "first-seen" | "accepted";
}

/** What drops are measured from. Whoever gives another baseline in the settings than the one that was fallen from means that one. */
export function baselineOf(
  { first, accepted }: Pick<SeenStanding, "first" | "accepted">,
  given: number | undefined,
): StandingBaseline | null {
  const own = first && { ...first, kind: "first-seen" as const };
  const usual = given === undefined ? own : { score: given, at: null, kind: "settings" as const };
  if (accepted === null || (usual !== null && millionths(usual.score) !== millionths(accepted.against))) return usual;
  return { score: accepted.score, at: accepted.at, kind: "accepted" };
}

/** Whole numbers: 0.85 x 0.7 is not quite 0.595 in floating point, and the edge must be where it is written (D2). */
export const millionths = (score: number): number => Math.round(score * 1_000_000);

export interface Standing {
  observe(agentId: string, reading: ScoreReading): Promise<SeenStanding>;
  /** What there is to measure a drop from, without a new reading. */
  known(agentId: string): Promise<Pick<SeenStanding, "first" | "accepted">>;
}
