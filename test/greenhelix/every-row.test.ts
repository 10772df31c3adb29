import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { everyRow, type ReadPage } from "../../src/greenhelix/every-row.ts";

interface Row {
  id: string;
}

const rowsNamed = (count: number): Row[] => Array.from({ length: count }, (_, n) => ({ id: `e${n}` }));

/** A server over a list that may change between reads, with a page length of its own. */
const serverOf = (list: Row[], pageLength: number, read: { count: number; offsets: number[] }): ReadPage<Row> => {
  return async (offset) => {
    read.count += 1;
    read.offsets.push(offset);
    return list.slice(offset, offset + pageLength);
  };
};

async function collect(pages: AsyncIterable<readonly Row[]>): Promise<string[]> {
  const ids: string[] = [];
  for await (const page of pages) ids.push(...page.map(({ id }) => id));
  return ids;
}

const reads = () => ({ count: 0, offsets: [] as number[] });

describe("a list that does not change", () => {
  it("is given whole, once and in order, whatever the page length", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(400), fc.integer({ min: 1, max: 250 }), async (length, pageLength) => {
        const list = rowsNamed(length);
        expect(await collect(everyRow(serverOf(list, pageLength, reads())))).toEqual(list.map(({ id }) => id));
      }),
      { seed: 13 },
    );
  });

  it("costs one read when it is empty and two when it fits a page", async () => {
    const empty = reads();
    await collect(everyRow(serverOf([], 200, empty)));
    const short = reads();
    await collect(everyRow(serverOf(rowsNamed(60), 200, short)));
    expect([empty.count, short.count]).toEqual([1, 2]);
  });

  it("is given whole by a server that ignores offsets and limits", async () => {
    const list = rowsNamed(75);
    let count = 0;
    expect(await collect(everyRow(async () => [list, count++][0] as Row[]))).toHaveLength(75);
    expect(count).toBeLessThanOrEqual(3);
  });

  it("is given whole by a server that has nothing behind its first page, whatever is asked", async () => {
    const list = rowsNamed(75);
    const read = reads();
    const serve = serverOf(list, 75, read);
    expect(await collect(everyRow(async (offset) => (offset === 0 ? serve(0) : serve(1_000))))).toHaveLength(75);
    expect(read.count).toBeLessThanOrEqual(4);
  });

  it("is given whole by a server that shows its last page for every offset behind it", async () => {
    const list = rowsNamed(75);
    const read: ReadPage<Row> = async (offset) => list.slice(Math.min(offset, 55), offset + 20);
    expect(await collect(everyRow(read))).toHaveLength(75);
  });
});

describe("a list that grows at its head while it is read", () => {
  it("still shows every row that was there at the start", async () => {
    const growth = fc.array(fc.nat(7), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(fc.nat(300), fc.integer({ min: 10, max: 60 }), growth, async (length, pageLength, growths) => {
        const list = rowsNamed(length);
        const atStart = list.map(({ id }) => id);
        const serve = serverOf(list, pageLength, reads());
        let step = 0;
        const shown = await collect(
          everyRow(async (offset) => {
            const rows = await serve(offset);
            const fresh = Array.from({ length: growths[step++] ?? 0 }, (_, n) => ({ id: `new${step}-${n}` }));
            list.unshift(...fresh);
            return rows;
          }),
        );
        expect(new Set(shown).size).toBe(shown.length);
        expect(atStart.filter((id) => !shown.includes(id))).toEqual([]);
      }),
      { seed: 13 },
    );
  });
});

describe("a list of held rows whose rows vanish as they are dealt with", () => {
  it("still shows every row that was there, whichever vanish between which reads", async () => {
    const vanishing = fc.array(fc.nat(60), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(fc.nat(300), fc.integer({ min: 2, max: 60 }), vanishing, async (length, pageLength, vanish) => {
        const list = rowsNamed(length);
        const atStart = list.map(({ id }) => id);
        const serve = serverOf(list, pageLength, reads());
        const shown = new Set<string>();
        let step = 0;
        const pages = everyRow(async (offset) => {
          const rows = await serve(offset);
          // Only what the caller has been given can have been cancelled by it.
          const gone = list.filter(({ id }) => shown.has(id)).slice(0, vanish[step++] ?? 0);
          for (const row of gone) list.splice(list.indexOf(row), 1);
          return rows;
        });
        for await (const page of pages) for (const { id } of page) shown.add(id);
        expect(atStart.filter((id) => !shown.has(id))).toEqual([]);
      }),
      { seed: 13, numRuns: 300 },
    );
  });
});

describe("a list without end", () => {
  it("is given up on by name", async () => {
    const endless: ReadPage<Row> = async (offset) => [{ id: `e${offset}` }, { id: `e${offset + 1}` }];
    await expect(collect(everyRow(endless))).rejects.toMatchObject({ code: "gateway-unreadable" });
  });
});

describe("a page that fails", () => {
  it("leaves the pages before it given", async () => {
    const list = rowsNamed(100);
    const given: string[] = [];
    const serve = serverOf(list, 40, reads());
    const pages = everyRow(async (offset) => (offset > 39 ? Promise.reject(new Error("down")) : serve(offset)));
    const read = (async () => {
      for await (const page of pages) given.push(...page.map(({ id }) => id));
    })();
    await expect(read).rejects.toThrow("down");
    expect(given).toHaveLength(79);
  });
});
