import { TourniquetError } from "../errors.ts";

/** Built when the call is made, so that a bad id ends as that call's failure and never as a throw beside it. */
export interface Path {
  (): string;
  /** The same with {id} for each id, for what must not name them. */
  route: string;
}

/**
 * A route with ids that somebody outside may have chosen: path`/v1/billing/wallets/${agentId}/budget`. An id that would
 * climb out of its place ("..", "a/b") is refused as input-invalid instead of calling another route.
 */
export function path(parts: TemplateStringsArray, ...ids: readonly string[]): Path {
  const built = () => parts.reduce((before, part, index) => before + segment(ids[index - 1]!) + part);
  return Object.assign(built, { route: parts.join("{id}") });
}

function segment(id: string): string {
  if (/^\.{0,2}$/.test(id) || id.length > 128 || /[/\\\p{Cc}]/u.test(id) || !id.isWellFormed()) {
    throw new TourniquetError("input-invalid", "an id cannot stand in a path", { id: id.slice(0, 128) });
  }
  return encodeURIComponent(id);
}
