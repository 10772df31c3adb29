import { useCallback, useRef, useState } from "preact/hooks";
import { type Problem, problemIn, type RequestOptions, request } from "./request.ts";

export interface Action<T> {
  /** Does it once, however often it is pressed; undefined: it did not go well, and `problem` says why. */
  run(path: string, body?: unknown): Promise<T | undefined>;
  isBusy: boolean;
  problem: Problem | null;
  /** Forgets what went wrong. */
  clear(): void;
}

/**
 * A change that a person asks for. Each deed has an Idempotency-Key of its own, which stays while it is unknown whether it was
 * done (no answer, 5xx, one that is still under way): pressed again, it is the same deed. Another body, or one after an answer, is another.
 */
export function useAction<T = unknown>(method: "POST" | "DELETE" = "POST"): Action<T> {
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const running = useRef(false);
  const deed = useRef<{ what: string; key: string } | null>(null);

  const run = useCallback(
    async (path: string, body?: unknown): Promise<T | undefined> => {
      if (running.current) return undefined;
      running.current = true;
      setIsBusy(true);
      const what = `${path} ${JSON.stringify(body ?? null)}`;
      if (deed.current?.what !== what) deed.current = { what, key: randomKey() };
      const options: RequestOptions = { method, idempotencyKey: deed.current.key, ...(body !== undefined && { body }) };
      try {
        const answer = await request<T>(path, options);
        deed.current = null;
        setProblem(null);
        return answer;
      } catch (error) {
        const found = problemIn(error);
        if (found.status > 0 && found.status < 500 && found.kind !== "in-hand") deed.current = null;
        // That the login ended is asked about in front of everything: afterwards it can be pressed again.
        setProblem(found.status === 401 ? null : found);
        return undefined;
      } finally {
        running.current = false;
        setIsBusy(false);
      }
    },
    [method],
  );
  return { run, isBusy, problem, clear: useCallback(() => setProblem(null), []) };
}

/** 128 bits. Not crypto.randomUUID: browsers have that only over https. */
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
