/** One authentication of an agent that succeeded. */
export interface Authentication {
  eventId: string;
  at: number;
  address: string | null;
  /** Without versions. */
  userAgent: string | null;
}

/**
 * What an agent's authentications so far say about one of them. Everything in it is a smallest time or an earliest few, so
 * that order and repetition change nothing. Times in milliseconds since 1970, days in whole days since then, UTC.
 */
export interface AccessView extends Authentication {
  /** Time of the last of the first authentications, those that say what is usual; null while they are too few. */
  foundedAt: number | null;
  /** How many of those are known. */
  known: number;
  /** The last of the first days on which it authenticated; null while they are too few. */
  foundedDay: number | null;
  /** When each trait of this authentication was seen first, this one included; null where it shows none. */
  firstSeen: { address: number | null; userAgent: number | null; hour: number };
  /** When a person last called an alarm about this agent a false one. */
  stoodDownAt: number | null;
  epoch: number;
  observed: number;
}

/** An agent's key as we first saw it. */
export interface PinView {
  firstKey: string | null;
  epoch: number;
  observed: number;
}

/** Memory of how agents authenticate and who they are. Bounded per agent; authentications are forgotten 90 days after the last. */
export interface Access {
  /** founding: so many first authentications, on so many first days, say what is usual. */
  observe(
    agentId: string,
    authentication: Authentication,
    founding: { authentications: number; days: number },
  ): Promise<AccessView>;
  /** First one stays. publicKey null: only asks. */
  pin(agentId: string, publicKey: string | null): Promise<PinView>;
}
