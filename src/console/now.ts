import { createStore, useStore } from "./store.ts";

/** Milliseconds since 1970, moved on once a second while the page is looked at: what relative times count from. */
const now = createStore(Date.now());
setInterval(() => {
  if (!document.hidden) now.set(Date.now());
}, 1_000);
document.addEventListener("visibilitychange", () => now.set(Date.now()));

export function useNow(): number {
  return useStore(now);
}
