/**
 * Works items with bounded concurrency, the most urgent first, while more are still being added. `again` means the
 * gateway pushed back, and why: the item waits with the others, the pool halves and pauses with jitter, then grows by one per
 * success. So a rate limit that names no time (the gateway's 429 has no Retry-After) is found instead of hammered. Where it
 * pushes back for longer than its limit looks back, the pool ends with what it said: whoever runs it is seen to fail, and asks again.
 */
export interface PoolSettings<T> {
  concurrency: number;
  /** Negative: a before b. */
  urgentFirst(a: T, b: T): number;
  work(item: T): Promise<"settled" | { again: Error }>;
  wait(ms: number): Promise<void>;
  abort: AbortSignal;
}

export interface Pool<T> {
  add(items: readonly T[]): void;
  /** Nothing more will be added. */
  close(): void;
  /** All added items are settled. Rejects with the first error of `work`, the last `again`, or the abort's reason: await it from the start. */
  done: Promise<void>;
}

const FIRST_PAUSE_MS = 250;
/** Refused calls count too, and of its smallest tier the gateway wants fewer than 11 a minute (greenhelix.md section 3): this makes 8. */
const LONGEST_PAUSE_MS = 10_000;
/** In a row, without one success between them: about 80 s together, longer than the minute that the gateway counts. */
const MOST_PAUSES = 15;

export function runPool<T>(settings: PoolSettings<T>): Pool<T> {
  const waiting: T[] = [];
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  let allowed = settings.concurrency;
  let running = 0;
  let closed = false;
  let over = false;
  let pauseMs = 0;
  let pauses = 0;
  let paused = false;

  const end = (error?: unknown) => {
    over = true;
    if (error === undefined) resolve();
    else reject(error);
  };
  const pump = () => {
    if (over) return;
    if (settings.abort.aborted) return end(settings.abort.reason);
    while (!paused && running < allowed && waiting.length > 0) void run(waiting.shift()!);
    if (closed && running === 0 && waiting.length === 0 && !paused) end();
  };
  const run = async (item: T) => {
    running += 1;
    try {
      const answer = await settings.work(item);
      if (answer !== "settled") await pushedBack(item, answer.again);
      else settled();
    } catch (error) {
      end(error);
    } finally {
      running -= 1;
      pump();
    }
  };
  const settled = () => {
    pauses = 0;
    if (pauseMs > 0) pauseMs = Math.floor(pauseMs / 2);
    else allowed = Math.min(settings.concurrency, allowed + 1);
  };
  const pushedBack = async (item: T, why: Error) => {
    waiting.push(item);
    waiting.sort(settings.urgentFirst);
    if (paused) return;
    if (pauses === MOST_PAUSES) return end(why);
    pauses += 1;
    paused = true;
    allowed = Math.max(1, Math.floor(allowed / 2));
    pauseMs = Math.min(LONGEST_PAUSE_MS, Math.max(FIRST_PAUSE_MS, pauseMs * 2));
    try {
      await settings.wait(pauseMs * (0.5 + Math.random() / 2));
    } finally {
      paused = false;
    }
  };
  return {
    add(items) {
      waiting.push(...items);
      waiting.sort(settings.urgentFirst);
      pump();
    },
    close() {
      closed = true;
      pump();
    },
    done,
  };
}
