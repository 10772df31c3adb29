import { tokenIn } from "./words/fragment.ts";

/**
 * Hears the token of the link that was opened, now or later in this tab; answers how to stop. It is taken out of the address
 * first: it would stay in the history.
 */
export function onLinkToken(heard: (token: string) => void): () => void {
  const take = () => {
    const token = tokenIn(location.hash);
    if (token === null) return;
    history.replaceState(null, "", location.pathname + location.search);
    heard(token);
  };
  take();
  addEventListener("hashchange", take);
  return () => removeEventListener("hashchange", take);
}
