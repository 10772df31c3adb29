import type { Change, Changes, ReadUntil } from "../incident/changes.ts";

type Found = Awaited<ReturnType<Changes["since"]>>;

/** After so long a client whose stream ended comes back. */
const RETRY_MS = 2_000;

/**
 * `incident` {id, at}, or a topic of incident/changes.ts {at}, at as ISO 8601: it changed, read it anew. `resync`: more was missed
 * than is kept, read everything anew. `stale`: Redis does not answer and what is shown may be old; a `resync` follows once it does.
 */
export type LiveEvent = Change["what"] | "resync" | "stale";

export function event(name: LiveEvent, data: Readonly<Record<string, string>>, id?: string): string {
  return `${id === undefined ? "" : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** One event for each change; the id stands with the last, so that whoever was cut in between is told of all of them again. */
export function eventsOf({ changes, until }: Pick<Found, "changes" | "until">): string {
  return changes.map((change, index) => told(change, index === changes.length - 1 ? idOf(until) : undefined)).join("");
}

function told(change: Change, id: string | undefined): string {
  const at = new Date(change.at).toISOString();
  return event(change.what, change.what === "incident" ? { id: change.incidentId, at } : { at }, id);
}

/** Without data it is no event to a browser, which keeps the id all the same. */
export const heartbeat = (id?: string): string => `: heartbeat\n${id === undefined ? "" : `id: ${id}\n`}\n`;

/** What a stream begins with. */
export function openingOf(missed: Found): string {
  const id = idOf(missed.until);
  return `retry: ${RETRY_MS}\nid: ${id}\n\n${missed.isWhole ? eventsOf(missed) : event("resync", {}, id)}`;
}

/** The slowest of Redis's clocks: from then on nothing is left out of any partition, and a little told twice. */
export const idOf = (until: ReadUntil): string => String(Math.min(...until));

/** Null for a client that comes for the first time. What is no id of ours is one from too long ago. */
export function readId(text: string | undefined): number | null {
  if (text === undefined || text === "") return null;
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}
