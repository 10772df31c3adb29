import { TourniquetError } from "../errors.ts";

/** Reads the rows from an offset on, as many as the gateway likes to give. */
export type ReadPage<Row> = (offset: number) => Promise<readonly Row[]>;

/** Pages asked for ahead of need once a list has proved long. */
const AHEAD = 4;
/** Two hundred thousand rows at the size we ask for; past it the list is taken for endless. */
const MAX_PAGES = 1_000;
/**
 * A page of rows already seen is no end by itself (the list may have grown by a page in between); this many are, for gateways
 * that give their last page for every offset behind it. One that gives its first page again has no offsets at all.
 */
const STALE_PAGES = 3;

/**
 * Every row of a list that has offsets and no total, a page at a time, each row once. Nobody says how long a page is: some
 * gateways cap what is asked, some ignore it. So each page must begin inside the one before (one row of overlap): while it
 * does, nothing between them was skipped, however many new rows pushed the list down (newest first). Where it does not,
 * rows left the list meanwhile (cancelled ones leave a list of held ones) and others moved up unseen: the list is then read
 * again from the top until one pass held together. Rows that were there at the start and stay are therefore all shown.
 * Throws gateway-unreadable for a list without end, and whatever a page read throws; pages already given stand.
 */
export async function* everyRow<Row extends { id: string }>(read: ReadPage<Row>): AsyncGenerator<readonly Row[]> {
  const shown = new Set<string>();
  const pages = { left: MAX_PAGES };
  let before = new Set<string>();
  for (;;) {
    let isWhole = true;
    const seen = new Set<string>();
    for await (const { rows, joins } of onePass(limited(read, pages))) {
      isWhole &&= joins;
      for (const row of rows) seen.add(row.id);
      const fresh = rows.filter((row) => !shown.has(row.id));
      for (const row of fresh) shown.add(row.id);
      if (fresh.length > 0) yield fresh;
    }
    // The same rows twice over: nothing moves, the gateway's pages just do not overlap. There is no more to be had from it.
    if (isWhole || (seen.size === before.size && [...seen].every((id) => before.has(id)))) return;
    before = seen;
  }
}

async function* onePass<Row extends { id: string }>(
  read: ReadPage<Row>,
): AsyncGenerator<{ rows: readonly Row[]; joins: boolean }> {
  const { ask, take } = askingAhead(read);
  const inPass = new Set<string>();
  let offset = 0;
  let first: readonly Row[] = [];
  let last: string | undefined;
  for (let stale = 0; ; ) {
    const rows = await take(offset);
    const joins = last === undefined || rows.some((row) => row.id === last);
    const fresh = rows.filter((row) => !inPass.has(row.id));
    for (const row of fresh) inPass.add(row.id);
    stale = fresh.length > 0 ? 0 : stale + 1;
    if (stale > 0 && (rows.length <= 1 || stale === STALE_PAGES || isSamePage(rows, first))) {
      yield { rows: [], joins };
      return;
    }
    const stride = Math.max(1, rows.length - 1);
    const isLong = offset > 0 && rows.length === first.length;
    // Before the rows are given out: whoever takes them starts to cancel, and the next page should be from before that.
    for (let ahead = 1; ahead <= (isLong ? AHEAD : 1); ahead += 1) ask(offset + ahead * stride);
    yield { rows: fresh, joins };
    if (offset === 0) first = rows;
    last = rows.length > 1 ? rows.at(-1)!.id : undefined;
    offset += stride;
  }
}

/** Pages under way by offset. One asked for ahead may never be needed; where it is, its failure is thrown by take. */
function askingAhead<Row>(read: ReadPage<Row>): { ask: (offset: number) => void; take: ReadPage<Row> } {
  const asked = new Map<number, Promise<readonly Row[]>>();
  const ask = (offset: number): Promise<readonly Row[]> => {
    const page = asked.get(offset) ?? read(offset);
    page.catch(() => undefined);
    asked.set(offset, page);
    return page;
  };
  return { ask, take: ask };
}

function isSamePage<Row extends { id: string }>(one: readonly Row[], other: readonly Row[]): boolean {
  return one.length === other.length && one.every((row, index) => row.id === other[index]!.id);
}

function limited<Row>(read: ReadPage<Row>, pages: { left: number }): ReadPage<Row> {
  return (offset) => {
    pages.left -= 1;
    if (pages.left >= 0) return read(offset);
    const message = `a list did not end within ${MAX_PAGES} pages`;
    return Promise.reject(new TourniquetError("gateway-unreadable", message, { offset }));
  };
}
