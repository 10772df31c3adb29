import type { Dispatch } from "./jobs.ts";
import type { Verdict } from "./verdict.ts";

/** Something that waits for a person's word (P4). askedAt is Redis time in milliseconds. */
export interface Approval {
  id: string;
  /** shutdown: may the whole fleet be frozen. freezes: agents beyond the cap of what automation may freeze in an hour. */
  kind: "shutdown" | "freezes";
  /** What is asked and why, one sentence. */
  what: string;
  askedAt: number;
  cascadeId: string | null;
  /** What is done once somebody says yes; empty for a shutdown, which is decided anew. */
  verdicts: readonly Verdict[];
}

/** What a person said to a question, and their name. */
export interface GivenAnswer {
  said: "yes" | "no";
  by: string;
}

/** A shutdown in force. agents: id -> the verdict that froze it, by which its incident is found. */
export interface Shutdown {
  id: string;
  by: string;
  reason: string;
  at: number;
  agents: ReadonlyMap<string, string>;
}

/** What concerns all agents at once: what automation froze, what waits for a person, and a shutdown (P4). */
export interface Fleet {
  /**
   * Counts agents that automation freezes in the hour that rolls, and answers those it may freeze. One that was counted
   * already is answered and not counted again. unlimited: counted, and never refused (its own signal is critical).
   */
  reserve(
    agentIds: readonly string[],
    options: { limit: number; unlimited: boolean },
  ): Promise<{ granted: readonly string[] }>;
  /** How many agents were counted in the last hour. */
  reserved(): Promise<number>;
  /** Asked again under the same id, what is to be done is added to what waits already. */
  ask(approval: Omit<Approval, "askedAt">): Promise<void>;
  approvals(): Promise<readonly Approval[]>;
  /**
   * Right before an answer is carried out: from here on, until it is settled, nobody answers these questions otherwise. Not null:
   * this one was answered otherwise before, or is gone, and none was claimed; answer null: nobody remembers how.
   */
  claim(
    questions: readonly Pick<Approval, "id" | "askedAt">[],
    answer: GivenAnswer,
  ): Promise<{ id: string; answer: GivenAnswer | null } | null>;
  /** These were answered; what was added meanwhile keeps waiting. */
  settle(id: string, agentIds: readonly string[]): Promise<void>;
  /** One shutdown at a time: while one is in force its record is answered and nothing is changed. */
  beginShutdown(by: string, reason: string): Promise<Shutdown>;
  /**
   * The same, asked by a signal. Null: a shutdown answered it that is over, so its job came again (G14). Asked again while that
   * shutdown is in force, it is answered.
   */
  beginShutdownFor(signalId: string, by: string, reason: string): Promise<Shutdown | null>;
  /** Adds agents to it, before they are handed over. False: it is not in force any more, and nobody was added. */
  include(shutdownId: string, agents: ReadonlyMap<string, string>): Promise<boolean>;
  shutdown(): Promise<Shutdown | null>;
  /** After its agents were released. False: it is not in force any more, or stays so with agents that were added meanwhile. */
  endShutdown(shutdown: Pick<Shutdown, "id" | "agents">): Promise<boolean>;
  /** The verdict is answered by nothing: a freeze job that comes later does nothing. False: an incident answered it before. */
  withdraw(agentId: string, signalId: string): Promise<boolean>;
}

/** Whoever was woken by a question hears that it is answered, under the alert of that very question. */
export async function tellAnswered(
  dispatch: Dispatch,
  { id, askedAt }: Pick<Approval, "id" | "askedAt">,
  said: "yes" | "no",
  by: string,
): Promise<void> {
  const about = { agentId: "", incidentId: null, signalId: null, approvalId: id, answered: { askedAt, said, by } };
  const page = { ...about, kind: "page", what: "answered" } as const;
  await dispatch.add("notification", "", `page-${id}-${askedAt}-answered`, page);
}
