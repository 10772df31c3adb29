import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toEvent } from "../../detect/event.ts";
import { TourniquetError } from "../../errors.ts";
import { compare, presentTried, type Truth, truthOf } from "../../learn/backtest.ts";
import { openScratch } from "../../scratch.ts";
import { startEmbeddedRedis } from "../embedded-redis.ts";
import { ahead } from "./ahead.ts";
import { type Book, createBook } from "./book.ts";
import type { Candidate } from "./candidates.ts";
import { createReplay, type Replay } from "./replay.ts";
import type { Told, TraceCounts } from "./trace.ts";
import { conflictsBetween, wavesOf } from "./waves.ts";

export interface BacktestOptions {
  candidates: readonly Candidate[];
  /** Its counts are complete when it has ended. */
  trace: AsyncIterable<Told>;
  counts: TraceCounts;
  /** Null: by what today's settings do. */
  truth: Truth | null;
  partitions: number;
  onProgress?: (events: number) => void;
}

export type BacktestReport = Awaited<ReturnType<typeof backtest>>;

/** Replays the trace with every candidate side by side, on a Redis that exists for this alone. The first is today's. */
export async function backtest(options: BacktestOptions) {
  const { candidates, counts } = options;
  const book = createBook();
  const replayed = await withScratch(candidates.length, async (urlOf, ended) => {
    const scratches = candidates.map((_, index) => openScratch(urlOf(index), options.partitions));
    try {
      const replays = candidates.map(({ name, settings }, index) =>
        createReplay(name, settings, scratches[index]!, book),
      );
      return await Promise.race([ended, replayAll(options, replays, book)]);
    } finally {
      await Promise.all(scratches.map((scratch) => scratch.close()));
    }
  });
  const tried = replayed.replays.map((replay) => replay.tried());
  const today = tried[0]!;
  const truth = truthOf(today, options.truth);
  return {
    events: { ...counts, agents: book.agents(), ...replayed.span },
    truth: { kind: truth.kind, trouble: [...truth.trouble].sort() },
    candidates: tried.map((one) => presentTried(one, compare(one, today, truth, book.opened))),
    leftOut,
  };
}

/** What a trace cannot tell, for whoever reads the result. */
const leftOut = [
  "nothing ends an incident: an agent that is contained stays so until the end of the trace",
  "circuit breakers and silences made while the product ran: no trace tells of them",
  "a shutdown of the whole fleet: only the agent whose signal asks for it is contained",
  "observe-only mode and dry runs: every candidate is tried as if it acted",
];

/** Events read and understood while those before are judged. */
const READ_AHEAD = 64;

async function replayAll(options: BacktestOptions, replays: readonly Replay[], book: Book) {
  let events = 0;
  let [from, until] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const conflicts = conflictsBetween(options.candidates.map(({ settings }) => settings));
  for await (const wave of wavesOf(ahead(options.trace, READ_AHEAD), conflicts)) {
    const judged = await Promise.all(replays.map((replay) => replay.judge(wave)));
    for (const [index, { told, understood }] of wave.entries()) {
      const event = toEvent(understood, told.stored);
      const opening = book.take(event);
      await Promise.all(replays.map((replay, which) => replay.conclude(judged[which]![index]!, opening)));
      [from, until] = [Math.min(from, event.occurredAt), Math.max(until, event.occurredAt)];
    }
    events += wave.length;
    options.onProgress?.(events);
  }
  const iso = (ms: number) => (Number.isFinite(ms) ? new Date(ms).toISOString() : null);
  return { replays, span: { from: iso(from), until: iso(until) } };
}

/** One database a candidate. Nothing of it is meant to last, so nothing is written to disk. */
async function withScratch<T>(
  databases: number,
  use: (urlOf: (index: number) => string, ended: Promise<never>) => Promise<T>,
): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), "tourniquet-backtest-"));
  const extraArgs = ["--databases", String(databases), "--appendonly", "no"];
  const redis = await startEmbeddedRedis({ dir, extraArgs });
  let isDone = false;
  const ended = redis.ended.then(() => {
    if (!isDone) throw new TourniquetError("redis-unavailable", "the Redis of this backtest ended");
    return new Promise<never>(() => undefined);
  });
  try {
    return await use((index) => `${redis.url}/${index}`, ended);
  } finally {
    isDone = true;
    await redis.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}
