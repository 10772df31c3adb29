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
