const FIRST_MS = 1_000;
const ON_TERMINAL_MS = 500;
const ELSEWHERE_MS = 5_000;

/** On standard error: how far it is, from the second second on; on a terminal in one line, else now and then. */
export function progress(): { onProgress(events: number): void; end(): void } {
  const isTerminal = process.stderr.isTTY === true;
  let startedAt: number | null = null;
  let saidAt: number | null = null;
  return {
    onProgress(events) {
      const now = performance.now();
      startedAt ??= now;
      const isDue = saidAt === null ? now - startedAt >= FIRST_MS : now - saidAt >= pauseMs(isTerminal);
      if (!isDue) return;
      saidAt = now;
      const rate = Math.round((events * 1_000) / (now - startedAt));
      process.stderr.write(`${isTerminal ? "\r" : ""}${events} events, ${rate} a second${isTerminal ? "   " : "\n"}`);
    },
    end() {
      if (isTerminal && saidAt !== null) process.stderr.write("\n");
    },
  };
}

const pauseMs = (isTerminal: boolean): number => (isTerminal ? ON_TERMINAL_MS : ELSEWHERE_MS);
