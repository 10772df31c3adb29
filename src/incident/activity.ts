/** One tool call or one error of an agent. `what`: the tool's name, or the error's code, "" where it gave none. */
export interface ActivityEntry {
  what: string;
  at: number;
  eventId: string;
}

/** What the rules over an agent's activity look at, as Redis has it after the event was added. */
export interface ActivityView {
  /** The event that made us look. */
  eventId: string;
  /** Near it in time, and its neighbours however far; by time, in no order where times are equal. Nothing from before the last incident was over. */
  entries: readonly ActivityEntry[];
  epoch: number;
  /** Dry runs of this agent that are over. */
  observed: number;
}

export interface CallView extends ActivityView {
  /** Calls per minute since 1970/60 s, of the newest 120 minutes that had any, the current one included. */
  callsByMinute: ReadonlyMap<number, number>;
  /** Minutes up to this one were answered by an incident that is over, and are no burst any more; -1: none. */
  afreshMinute: number;
}

/**
 * Windows over what agents' own systems tell. Bounded: an entry is forgotten when `most` newer ones are there, and an hour (or
 * the length of its window) after the last. Whatever comes twice counts once; order changes nothing.
 */
export interface Activity {
  /** neighbours: so many calls before and after this one belong to the view, however far away. */
  observeCall(agentId: string, call: ActivityEntry, bounds: { most: number; neighbours: number }): Promise<CallView>;
  observeError(
    agentId: string,
    error: ActivityEntry,
    bounds: { most: number; windowMs: number },
  ): Promise<ActivityView>;
}
