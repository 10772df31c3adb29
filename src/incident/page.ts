import { TourniquetError } from "../errors.ts";

/** One part of a list that is newest first. next: where the following page begins; null: this was the last. */
export interface Page<Row> {
  rows: readonly Row[];
  next: string | null;
}

/** Which part of a list. after: `next` of the page before; null: from the newest on. */
export interface PageOf {
  limit: number;
  after: Place | null;
}

/** Where in such a list a row stands. at: milliseconds since 1970. */
export interface Place {
  at: number;
  id: string;
}

/** Opaque to whoever gets it: only `readCursor` reads it. UTF-8 as base64url, by what browsers know too: the console reads this file. */
export function cursorOf({ at, id }: Place): string {
  const bytes = new TextEncoder().encode(`${at} ${id}`);
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/** Null for the first page. Throws input-invalid, field `after`, for what `cursorOf` never made. */
export function readCursor(text: string | undefined): Place | null {
  if (text === undefined) return null;
  const [, at, id] = /^(\d{1,15}) (.{1,300})$/.exec(decoded(text)) ?? [];
  if (id === undefined || cursorOf({ at: Number(at), id }) !== text) throw noPlace();
  return { at: Number(at), id };
}

function decoded(text: string): string {
  try {
    const bytes = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
  } catch {
    return ""; // no base64, so none of ours
  }
}

function noPlace(): TourniquetError {
  const problem = "is no place in this list: take `next` of the page before";
  return new TourniquetError("input-invalid", `after ${problem}.`, { mistakes: [{ field: "after", problem }] });
}

/** Below zero: a comes first, newest first. A whole order, the same for everybody: also of what has the same time. */
export function newerFirst(a: Place, b: Place): number {
  return b.at - a.at || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}

/** A page of a list that is in memory anyway. */
export function pageOf<Row>(all: readonly Row[], placeOf: (row: Row) => Place, { limit, after }: PageOf): Page<Row> {
  const sorted = [...all].sort((a, b) => newerFirst(placeOf(a), placeOf(b)));
  const rest = after === null ? sorted : sorted.filter((row) => newerFirst(after, placeOf(row)) < 0);
  const rows = rest.slice(0, limit);
  const last = rows.at(-1);
  return { rows, next: last === undefined || rest.length <= limit ? null : cursorOf(placeOf(last)) };
}
