import { cursorOf, newerFirst, type Page, type PageOf, type Place } from "../incident/page.ts";
import { type RedisConnection, redisError } from "./connection.ts";
import type { Key } from "./keys.ts";

/** A row's place, and which of the lists it stands in. */
export type Placed = Place & { list: number };

/** Read at once from each list. */
const READ = 100;
/** Looked at for one page, whatever a filter leaves of them; `next` goes on from there. */
const EXAMINED = 2_000;

/**
 * A page of what stands in these zsets by time, newest first. `load` answers rows for places in their order, null for one that is
 * gone or not meant. What is added meanwhile moves nothing; what is older than `since` is left out.
 */
export async function pageOfNewest<Row>(
  redis: RedisConnection,
  lists: readonly Key[],
  { limit, after, since = 0 }: PageOf & { since?: number },
  load: (places: readonly Placed[]) => Promise<readonly (Row | null)[]>,
): Promise<Page<Row>> {
  const found: { row: Row; place: Place }[] = [];
  const places = newestFirst(redis, lists, after, since);
  for (let examined = 0; ; ) {
    // One more than is still to be found: so it is known whether anything follows.
    const chunk = await take(places, Math.min(READ, Math.max(1, limit + 1 - found.length)));
    const rows = await load(chunk);
    found.push(...chunk.flatMap((place, index) => (rows[index] == null ? [] : [{ place, row: rows[index] }])));
    examined += chunk.length;
    const [last, end] = [found[limit - 1]?.place, chunk.at(-1)];
    if (found.length > limit) return { rows: found.slice(0, limit).map(({ row }) => row), next: cursorOf(last!) };
    if (end === undefined || examined >= EXAMINED)
      return { rows: found.map(({ row }) => row), next: end === undefined ? null : cursorOf(end) };
  }
}

async function take(places: AsyncGenerator<Placed>, count: number): Promise<Placed[]> {
  const taken: Placed[] = [];
  while (taken.length < count) {
    const { value, done } = await places.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
}

/** Several lists as one. */
async function* newestFirst(
  redis: RedisConnection,
  lists: readonly Key[],
  after: Place | null,
  since: number,
): AsyncGenerator<Placed> {
  const streams = lists.map((list) => placesOf(redis, list, after, since));
  const heads = await Promise.all(streams.map((stream) => stream.next()));
  for (;;) {
    const open = heads.flatMap(({ value, done }, list): Placed[] => (done ? [] : [{ ...value, list }]));
    if (open.length === 0) return;
    const first = open.reduce((best, one) => (newerFirst(one, best) < 0 ? one : best));
    yield first;
    heads[first.list] = await streams[first.list]!.next();
  }
}

async function* placesOf(redis: RedisConnection, list: Key, after: Place | null, since: number): AsyncGenerator<Place> {
  let last = after;
  let [from, offset] = [after?.at ?? null, 0];
  for (;;) {
    const flat = await redis
      .zrange(list, String(from ?? "+inf"), String(since), "BYSCORE", "REV", "LIMIT", offset, READ, "WITHSCORES")
      .catch((error) => Promise.reject(redisError(error)));
    for (let i = 0; i < flat.length; i += 2) {
      const place = { id: flat[i]!, at: Number(flat[i + 1]) };
      // From a fixed time on, so that what is added later shifts nothing.
      from ??= place.at;
      if (last !== null && newerFirst(last, place) >= 0) continue;
      last = place;
      yield place;
    }
    if (flat.length < 2 * READ) return;
    offset += READ;
  }
}
