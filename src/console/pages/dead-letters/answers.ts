import type { z } from "zod";
import type { deadLetterHistoryShape, deadLetterShape, replayedShape } from "../../../http/api/shapes/dead-letter.ts";

/** Each of GET /api/dead-letters. */
export type DeadLetter = z.output<typeof deadLetterShape>;
export type Replay = DeadLetter["replays"][number];
/** GET /api/dead-letters/{queue}/{id}. */
export type DeadLetterHistory = z.output<typeof deadLetterHistoryShape>;

export interface DeadLetterPage {
  deadLetters: readonly DeadLetter[];
  next: string | null;
}

export type ReplayAnswer = z.output<typeof replayedShape>;

/** Those that can fail for good; looks (watch) cannot. */
export const queues = ["freeze", "contain", "correlate", "forensics", "notification", "recovery"] as const;

/** What a list is narrowed to; as the query of the page's address has it. */
export interface Filter {
  queue?: string;
  agent?: string;
  type?: string;
  since?: string;
}

export const pathOf = ({ queue, id }: { queue: string; id: string }): string =>
  `${encodeURIComponent(queue)}/${encodeURIComponent(id)}`;

export const outcomes: Readonly<Record<Replay["outcome"], string>> = {
  done: "it was done",
  "failed-again": "it failed again",
  "in-hand": "a worker has it in hand",
  "not-begun": "it never came to the queue: ask again",
};

export const answers: Readonly<Record<ReplayAnswer["results"][number]["answer"], string>> = {
  replayed: "is replayed",
  "would-replay": "would be replayed",
  "being-replayed": "is being replayed already",
  "no-longer-failed": "is no dead letter any more",
  "too-old": "is too old to be replayed safely",
};
