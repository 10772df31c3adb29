/** A terminal hears of it soon, a log only when it is worth a line. */
const FIRST_MS = { terminal: 300, elsewhere: 1_000 } as const;
const AGAIN_MS = { terminal: 100, elsewhere: 5_000 } as const;
const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

export interface Progress {
  /** What is being waited for, or how far it is; says it as often as its reader can use. "": nothing, the line is free. */
  say(text: string): void;
  /** Takes the line away again. */
  end(): void;
}

/**
 * How far a command is that takes more than a moment: always on standard error, so that what is piped is the answer alone. One
 * moving line on a terminal, elsewhere a plain line from the second second on and then every few seconds.
 */
export function startProgress(
  to: NodeJS.WriteStream = process.stderr,
  elsewhereAfterMs: number = FIRST_MS.elsewhere,
): Progress {
  const where = to.isTTY ? "terminal" : "elsewhere";
  const firstMs = where === "terminal" ? FIRST_MS.terminal : elsewhereAfterMs;
  const startedAt = performance.now();
  let text = "";
  let saidAt: number | null = null;
  let frame = 0;
  const draw = () => {
    const now = performance.now();
    const isDue = saidAt === null ? now - startedAt >= firstMs : now - saidAt >= AGAIN_MS[where];
    if (text === "" || !isDue) return;
    saidAt = now;
    frame += 1;
    to.write(
      where === "terminal"
        ? `\r\u001b[K${FRAMES[frame % FRAMES.length]} ${text.slice(0, (to.columns ?? 80) - 3)}`
        : `${text}\n`,
    );
  };
  const clear = () => {
    if (where === "terminal" && saidAt !== null) to.write("\r\u001b[K");
  };
  const timer = setInterval(draw, 100);
  timer.unref();
  return {
    say(next) {
      text = next;
      if (text === "") clear();
      draw();
    },
    end() {
      clearInterval(timer);
      clear();
    },
  };
}

/** The same around one piece of work. elsewhereAfterMs: what is not worth a line in a log before that. */
export async function withProgress<T>(
  first: string,
  work: (say: Progress["say"]) => Promise<T>,
  elsewhereAfterMs?: number,
): Promise<T> {
  const progress = startProgress(process.stderr, elsewhereAfterMs);
  progress.say(first);
  try {
    return await work(progress.say);
  } finally {
    progress.end();
  }
}
