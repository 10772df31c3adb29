import { createStore } from "./store.ts";

/** Where the page is: path and query of the address. */
export interface Place {
  path: string;
  query: URLSearchParams;
}

export type Params = Readonly<Record<string, string>>;

const read = (): Place => ({ path: location.pathname, query: new URLSearchParams(location.search) });

export const place = createStore<Place>(read());

addEventListener("popstate", () => place.set(read()));

/** To another page of the console, without loading it anew. replace: the one before is not kept for "back". */
export function navigate(to: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, "", to);
  else history.pushState(null, "", to);
  place.set(read());
  if (!replace) scrollTo(0, 0);
}

/** Every Link (parts/link.tsx), wherever it stands. What asks for a new tab or window is the browser's. */
document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest("a[data-page]") : null;
  const href = link?.getAttribute("href");
  if (!href) return;
  event.preventDefault();
  navigate(href);
});

/** Changes the query of the address alone, so that a reload and a copied link show the same; null takes it out. */
export function setQuery(changes: Readonly<Record<string, string | null>>): void {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  history.replaceState(null, "", location.pathname + (text === "" ? "" : `?${text}`));
  place.set(read());
}
