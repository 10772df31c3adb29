import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type LiveEvent, onLive } from "./live.ts";
import { type Problem, problemIn, request } from "./request.ts";

export interface Loaded<T> {
  /** undefined until the first answer; then the last good one, also while it is asked anew. */
  data: T | undefined;
  /** Of the last try; null: it went well. */
  problem: Problem | null;
  reload(): void;
}

/** Events come in bursts: a containment writes a dozen lines within a second. */
const GATHER_MS = 250;

/**
 * What the server says under `path`, asked anew whenever something live concerns it. null: nothing is asked yet. Where the
 * path changes, what was there before is gone.
 */
export function useServer<T>(path: string | null, concerns: (event: LiveEvent) => boolean): Loaded<T> {
  const [state, setState] = useState<{ path: string | null; data?: T; problem: Problem | null }>({
    path,
    problem: null,
  });
  const asking = useRef<AbortController | null>(null);
  const concernsNow = useRef(concerns);
  concernsNow.current = concerns;

  const reload = useCallback(() => {
    asking.current?.abort();
    if (path === null) return;
    const abort = new AbortController();
    asking.current = abort;
    request<T>(path, { signal: abort.signal }).then(
      (data) => setState({ path, data, problem: null }),
      (error) => {
        if (abort.signal.aborted) return;
        const problem = problemIn(error);
        setState((before) => (before.path === path ? { ...before, problem } : { path, problem }));
      },
    );
  }, [path]);

  useEffect(() => {
    reload();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = onLive((event) => {
      if (event.topic !== "resync" && !concernsNow.current(event)) return;
      clearTimeout(timer);
      timer = setTimeout(reload, GATHER_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
      asking.current?.abort();
    };
  }, [reload]);

  const isOfPath = state.path === path;
  return { data: isOfPath ? state.data : undefined, problem: isOfPath ? state.problem : null, reload };
}
