import type { Agent, Dispatcher } from "undici";

/** How one request ended, told without judgement: whoever asked says what it means. */
export interface Ending {
  /** False only if not one byte was written: then the gateway certainly did nothing. */
  sent: boolean;
  status: number | undefined;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Undefined if the answer did not come whole. */
  body: string | undefined;
  /** What cut it short; undefined for a whole answer. "deadline" and "aborted" are ours. */
  failure: "deadline" | "aborted" | Error | undefined;
  durationMs: number;
}

export interface Limits {
  deadlineMs: number;
  signal: AbortSignal | undefined;
  /** By performance.now(); undefined: only the deadline counts. */
  sendBy?: number | undefined;
}

/**
 * One request, one ending; never throws, never repeats. The deadline runs over waiting for a connection, connecting, headers
 * and body alike, so a peer that drips bytes gains nothing.
 */
export function exchange(agent: Agent, request: Dispatcher.DispatchOptions, limits: Limits): Promise<Ending> {
  return new Promise((resolve) => {
    const handler = new EndingHandler(limits, resolve);
    if (handler.isOver) return;
    try {
      agent.dispatch(request, handler);
    } catch (error) {
      handler.finish(error as Error);
    }
  });
}

class EndingHandler implements Dispatcher.DispatchHandler {
  isOver = false;
  #sent = false;
  #status: number | undefined;
  #headers: Ending["headers"] = {};
  #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | undefined;
  readonly #startedAt = performance.now();
  readonly #sendBy: number;
  readonly #deadline: NodeJS.Timeout;
  readonly #signal: AbortSignal | undefined;
  readonly #resolve: (ending: Ending) => void;

  constructor(limits: Limits, resolve: (ending: Ending) => void) {
    this.#resolve = resolve;
    this.#signal = limits.signal;
    this.#sendBy = Math.min(this.#startedAt + limits.deadlineMs, limits.sendBy ?? Number.POSITIVE_INFINITY);
    this.#deadline = setTimeout(() => this.#stop("deadline"), limits.deadlineMs);
    this.#signal?.addEventListener("abort", this.#onAbort, { once: true });
    if (this.#signal?.aborted) this.#stop("aborted");
  }

  /** undici calls this right before it writes: whatever ended earlier was not sent, and must not be sent any more. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    // By the clock, not by the timer: a process that was paused gets here before its timers run.
    if (performance.now() > this.#sendBy) this.finish("deadline");
    if (this.isOver) {
      controller.abort(new Error("ended while it waited for a connection"));
      return;
    }
    this.#controller = controller;
    this.#sent = true;
  }

  onResponseStart(_controller: unknown, status: number, headers: Ending["headers"]): void {
    this.#status = status;
    this.#headers = headers;
    this.#chunks = [];
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.finish(undefined);
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.finish(error);
  }

  finish(failure: Ending["failure"]): void {
    if (this.isOver) return;
    this.isOver = true;
    clearTimeout(this.#deadline);
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#resolve({
      sent: this.#sent,
      status: this.#status,
      headers: this.#headers,
      body: failure === undefined ? Buffer.concat(this.#chunks).toString("utf8") : undefined,
      failure,
      durationMs: Math.round(performance.now() - this.#startedAt),
    });
  }

  #stop(reason: "deadline" | "aborted"): void {
    this.finish(reason);
    this.#controller?.abort(new Error(reason));
  }

  readonly #onAbort = (): void => this.#stop("aborted");
}
