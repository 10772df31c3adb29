/**
 * Work whose answer is good for `forMs` more: whoever asks meanwhile, or while it is under way, gets the same one. So however often
 * somebody asks who proved nothing, it costs no more than one asker. A failure is not kept.
 */
export function lately<T>(forMs: number, work: () => Promise<T>): () => Promise<T> {
  let kept: Promise<T> | null = null;
  const forget = () => {
    kept = null;
  };
  const begin = () => {
    const own = work();
    own.then(() => (forMs > 0 ? void setTimeout(forget, forMs).unref() : forget()), forget);
    return own;
  };
  return () => {
    kept ??= begin();
    return kept;
  };
}

/**
 * The same for whoever was told of a change and asks what there is now: the answer of work that began at most `withinMs` ago, so
 * that a change from before that is in it.
 */
export function begunLately<T>(withinMs: number, work: () => Promise<T>): () => Promise<T> {
  let last: { at: number; answer: Promise<T> } | null = null;
  return () => {
    const at = performance.now();
    if (last !== null && at - last.at <= withinMs) return last.answer;
    const own = { at, answer: work() };
    last = own;
    own.answer.catch(() => {
      if (last === own) last = null;
    });
    return own.answer;
  };
}
