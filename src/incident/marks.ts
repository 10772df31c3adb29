/** agent: what an incident asks of its reins. payee: that it is suspected. */
export type MarkedKind = "agent" | "payee";

/** `what` is one word of whoever leaves it; `before` is how things stood before any mark, where that matters. */
export interface Mark {
  incidentId: string;
  what: string;
  why: string;
  before?: string | undefined;
  /** Taken back, and whoever did it is still at what follows from that. */
  withdrawn?: true;
  /** Redis time in milliseconds. */
  at: number;
}

/**
 * What open incidents have left on agents and payees that are not theirs alone: several may ask the same of one, and what
 * one takes back must not undo the other's. An incident that is over or standing down can leave none.
 */
export interface Marks {
  /** False: this incident may leave none any more. The first of each `what` stays. */
  leave(kind: MarkedKind, whom: string, mark: Mark): Promise<boolean>;
  /** Of every incident, those withdrawn included. */
  on(kind: MarkedKind, whom: string): Promise<readonly Mark[]>;
  /** What this incident has left and not wholly taken back. */
  leftBy(incidentId: string, kind: MarkedKind): Promise<readonly { whom: string; what: string }[]>;
  /** It counts no more, and stays to be seen until `forget`, so that a worker that dies meanwhile leaves it to the next. */
  withdraw(kind: MarkedKind, whom: string, mark: Mark): Promise<void>;
  forget(kind: MarkedKind, whom: string, mark: Pick<Mark, "incidentId" | "what">): Promise<void>;
}
