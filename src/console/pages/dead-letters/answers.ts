/** GET /api/dead-letters and /api/dead-letters/{queue}/{id}, as far as they are shown. Times as ISO 8601. */
export interface DeadLetter {
  queue: string;
  id: string;
  kind: string;
  agentId: string | null;
  incidentId: string | null;
  eventId: string | null;
  eventType: string | null;
  state: string;
  cause: { code: string; message: string } | null;
  attempts: number;
  addedAt: string;
  failedAt: string | null;
  replays: readonly Replay[];
}

export interface Replay {
  number: number;
  at: string;
  by: string;
  reason: string;
  cause: { code: string; message: string };
  outcome: "done" | "failed-again" | "in-hand" | "not-begun";
  endCause: { code: string; message: string } | null;
}

export interface DeadLetterHistory extends DeadLetter {
  data: Readonly<Record<string, unknown>>;
  stacks: readonly string[];
  logs: readonly string[];
}

export interface DeadLetterPage {
  deadLetters: readonly DeadLetter[];
  next: string | null;
}

export interface ReplayAnswer {
  results: readonly { queue: string; id: string; answer: string; detail: string }[];
  more: boolean;
}

/** Those that can fail for good; looks (watch) cannot. */
export const queues = ["freeze", "contain", "correlate", "forensics", "notification", "recovery"] as const;

/** What a list is narrowed to; as the query of the page's address has it. */
export interface Filter {
  queue?: string;
  agent?: string;
  type?: string;
  since?: string;
}

export const pathOf = ({ queue, id }: Pick<DeadLetter, "queue" | "id">): string =>
  `${encodeURIComponent(queue)}/${encodeURIComponent(id)}`;

export const outcomes: Readonly<Record<Replay["outcome"], string>> = {
  done: "it was done",
  "failed-again": "it failed again",
  "in-hand": "a worker has it in hand",
  "not-begun": "it never came to the queue: ask again",
};

export const answers: Readonly<Record<string, string>> = {
  replayed: "is replayed",
  "would-replay": "would be replayed",
  "being-replayed": "is being replayed already",
  "no-longer-failed": "is no dead letter any more",
  "too-old": "is too old to be replayed safely",
};
