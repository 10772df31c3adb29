/** Milliseconds of the machine's monotonic clock: the same in every process, so that two of them can time one event. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** Milliseconds since 1970 with a fraction: comparable to the times that the sandbox writes down. */
export const wallMs = (): number => performance.timeOrigin + performance.now();

/** Looks every few milliseconds until `look` answers something; throws what was waited for. */
export async function until<T>(
  look: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  what: string,
  { withinMs = 30_000, everyMs = 25 } = {},
): Promise<T> {
  const end = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > end) throw new Error(`waited ${withinMs} ms for ${what}`);
    await after(everyMs);
  }
}

export const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
