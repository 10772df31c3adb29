import { setTimeout as after } from "node:timers/promises";

/** Awaits a condition, looking every 20 ms if not told otherwise; says what it waited for if it never came. */
export async function until<T>(
  look: () => Promise<T | null | undefined | false>,
  what: string,
  deadlineMs = 15_000,
  everyMs = 20,
): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > end) throw new Error(`waited ${deadlineMs} ms for ${what}`);
    await after(everyMs);
  }
}
