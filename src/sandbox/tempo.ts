import { setTimeout as after } from "node:timers/promises";

/**
 * The time a story is told in. It runs `speed` times as fast as the clock on the wall, begins so far in the past that it ends
 * at about the present, and never runs past the next act: a busy machine makes a story longer, and never moves its acts
 * closer together. It begins at a full minute, so that what is counted by the minute is the same each time it is told.
 * Without a length it is the time on the wall.
 */
export interface Tempo {
  /** Milliseconds since 1970; what a sandbox takes for its clock. Never ahead of the clock on the wall. */
  now(): number;
  /** The story begins. */
  begin(): void;
  /** Waits until the story has come to this point; milliseconds since it began. */
  reach(atMs: number, signal?: AbortSignal): Promise<void>;
  /** Goes to this point at once: nobody waits for what comes in between. */
  skipTo(atMs: number): void;
  /** No act follows: time runs on until it has caught up with the present. */
  end(): void;
}

export function createTempo(speed: number, lengthMs = 0): Tempo {
  let zeroMs = fullMinute(Date.now() - lengthMs);
  let act = { atMs: 0, realMs: performance.now() };
  /** How far the story may go before its next act. */
  let ceilingMs = 0;
  const storyMs = () => act.atMs + (performance.now() - act.realMs) * speed;
  const arrive = (atMs: number) => {
    act = { atMs, realMs: performance.now() };
    ceilingMs = atMs;
  };
  return {
    now: () => Math.min(lengthMs === 0 ? Date.now() : zeroMs + Math.min(storyMs(), ceilingMs), Date.now()),
    begin() {
      zeroMs = fullMinute(Date.now() - lengthMs);
      arrive(0);
    },
    async reach(atMs, signal) {
      ceilingMs = Math.max(atMs, ceilingMs);
      const waitMs = act.realMs + (atMs - act.atMs) / speed - performance.now();
      if (waitMs > 0) await after(waitMs, undefined, signal ? { signal } : {});
      arrive(Math.max(atMs, act.atMs));
    },
    skipTo: (atMs) => arrive(Math.max(atMs, act.atMs)),
    end() {
      ceilingMs = Number.POSITIVE_INFINITY;
    },
  };
}

const MINUTE_MS = 60_000;
const fullMinute = (ms: number): number => Math.floor(ms / MINUTE_MS) * MINUTE_MS;
