import { TourniquetError } from "../errors.ts";
import type { DeadLetterFilter, DeadQueue, Replays } from "../incident/dead-letter.ts";

/** Where one dead letter lies. */
export interface Died {
  queue: DeadQueue;
  partition: number;
  id: string;
  failedAt: number;
}

/** Read at once from each queue. */
const PAGE = 100;

/**
 * Dead letters of several queues as one list, newest first, read as far as somebody asks. `after` is the last one of an
 * earlier page; what died since does not move it.
 */
export async function* newestDead(
  replays: Pick<Replays, "died">,
  rows: readonly { queue: DeadQueue; partition: number }[],
  { since, until }: Pick<DeadLetterFilter, "since" | "until">,
  after: Died | null,
): AsyncGenerator<Died> {
  const from = Math.min(until ?? Number.POSITIVE_INFINITY, after?.failedAt ?? Number.POSITIVE_INFINITY);
  const maxAt = Number.isFinite(from) ? from : null;
  const streams = rows.map((row) => rowDead(replays, row, maxAt, since ?? null, after));
  const heads = await Promise.all(streams.map(async (stream) => ({ stream, died: await next(stream) })));
  for (;;) {
    const first = heads.filter((head) => head.died !== null).sort((a, b) => order(a.died!, b.died!))[0];
    if (!first?.died) return;
    yield first.died;
    first.died = await next(first.stream);
  }
}

async function* rowDead(
  replays: Pick<Replays, "died">,
  { queue, partition }: { queue: DeadQueue; partition: number },
  firstMaxAt: number | null,
  minAt: number | null,
  after: Died | null,
): AsyncGenerator<Died> {
  let [maxAt, skip] = [firstMaxAt, 0];
  for (;;) {
    const page = await replays.died(queue, partition, { maxAt, minAt, skip, count: PAGE });
    for (const { id, failedAt } of page) {
      const died = { queue, partition, id, failedAt };
      if (after === null || order(after, died) < 0) yield died;
    }
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    // Many may have died in the very same millisecond: those of it that were read are left out next time.
    skip = page.filter(({ failedAt }) => failedAt === last.failedAt).length + (last.failedAt === maxAt ? skip : 0);
    maxAt = last.failedAt;
  }
}

const next = async (stream: AsyncGenerator<Died>): Promise<Died | null> => {
  const { value, done } = await stream.next();
  return done ? null : value;
};

/** A whole order, the same for everybody: Redis orders ids of one millisecond backwards too. */
function order(a: Died, b: Died): number {
  const row = ({ queue, partition }: Died) => `${queue}/${partition}`;
  return b.failedAt - a.failedAt || compare(row(a), row(b)) || compare(b.id, a.id);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export function placeOf({ failedAt, queue, partition, id }: Died): string {
  return [failedAt, queue, partition, id].join("~");
}

/** Throws input-invalid for what `placeOf` never made. */
export function readPlace(text: string): Died {
  const [, failedAt, queue, partition, id] = /^(\d{1,15})~([a-z]{1,20})~(\d{1,3})~(.{1,300})$/.exec(text) ?? [];
  if (id === undefined)
    throw new TourniquetError("input-invalid", "after is no place in this list: take `next` of the page before");
  return { failedAt: Number(failedAt), queue: queue as DeadQueue, partition: Number(partition), id };
}
