import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type PoolSettings, runPool } from "../../src/runbooks/pool.ts";

const again = new Error("429");
const open = <T>(settings: Partial<PoolSettings<T>> & Pick<PoolSettings<T>, "work">) =>
  runPool<T>({
    concurrency: 4,
    urgentFirst: () => 0,
    wait: async () => undefined,
    abort: new AbortController().signal,
    ...settings,
  });
/** Lets everything run that can run without the outside. */
const turn = () => new Promise((proceed) => setImmediate(proceed));

describe("work in a pool", () => {
  it("is done for every item once, with never more at a time than allowed, however often the gateway pushes back", async () => {
    const item = fc.record({ urgency: fc.nat(3), pushBacks: fc.nat(3), turns: fc.nat(3) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(item, { maxLength: 8 }), { maxLength: 5 }),
        fc.integer({ min: 1, max: 6 }),
        async (pages, concurrency) => {
          const settled = new Map<number, number>();
          const left = new Map<number, number>();
          let running = 0;
          let most = 0;
          // One more in a row, and the pool gives up.
          let pushBacksInAll = 15;
          const pool = open<{ id: number; urgency: number; turns: number }>({
            concurrency,
            urgentFirst: (a, b) => b.urgency - a.urgency,
            async work({ id, turns }) {
              running += 1;
              most = Math.max(most, running);
              for (let index = 0; index < turns; index += 1) await turn();
              running -= 1;
              const pushBacks = left.get(id)!;
              left.set(id, pushBacks - 1);
              if (pushBacks > 0 && pushBacksInAll > 0) {
                pushBacksInAll -= 1;
                return { again };
              }
              settled.set(id, (settled.get(id) ?? 0) + 1);
              return "settled";
            },
          });
          let id = 0;
          for (const page of pages) {
            const items = page.map(({ pushBacks, ...rest }) => {
              id += 1;
              left.set(id, pushBacks);
              return { id, ...rest };
            });
            pool.add(items);
            await turn();
          }
          pool.close();
          await pool.done;
          expect(most).toBeLessThanOrEqual(concurrency);
          expect([...settled].every(([, times]) => times === 1)).toBe(true);
          expect(settled.size).toBe(id);
        },
      ),
      { seed: 7, numRuns: 100 },
    );
  });

  it("starts with the most urgent, also among what was added later", async () => {
    const order: number[] = [];
    const pool = open<number>({
      concurrency: 1,
      urgentFirst: (a, b) => b - a,
      async work(item) {
        order.push(item);
        await turn();
        return "settled";
      },
    });
    pool.add([1, 3, 2]);
    pool.add([9]);
    pool.close();
    await pool.done;
    expect(order).toEqual([3, 9, 2, 1]);
  });

  it("is over at once where there is nothing to do", async () => {
    const pool = open<number>({ work: async () => "settled" });
    pool.close();
    await expect(pool.done).resolves.toBeUndefined();
  });
});

describe("when the gateway pushes back", () => {
  it("halves what runs at once, waits once for all of them, and grows again by one per success", async () => {
    const waits: { ms: number; over: () => void }[] = [];
    let running = 0;
    let pushesBack = true;
    let release: (() => void)[] = [];
    const pool = open<number>({
      concurrency: 8,
      wait: (ms) => new Promise((over) => waits.push({ ms, over })),
      async work() {
        running += 1;
        await new Promise<void>((go) => release.push(go));
        running -= 1;
        return pushesBack ? { again } : "settled";
      },
    });
    const finishAll = async () => {
      for (const go of release.splice(0)) go();
      await turn();
    };
    release = [];
    pool.add(Array.from({ length: 40 }, (_, index) => index));
    pool.close();
    expect(running).toBe(8);
    await finishAll();
    expect(running).toBe(0);
    expect(waits).toHaveLength(1);
    expect(waits[0]!.ms).toBeGreaterThanOrEqual(125);
    expect(waits[0]!.ms).toBeLessThanOrEqual(250);

    waits[0]!.over();
    await turn();
    expect(running).toBe(4);
    await finishAll();
    expect(waits).toHaveLength(2);
    expect(waits[1]!.ms).toBeGreaterThanOrEqual(250);
    waits[1]!.over();
    await turn();
    expect(running).toBe(2);

    pushesBack = false;
    let widest = 0;
    while (running > 0) {
      widest = Math.max(widest, running);
      await finishAll();
    }
    expect(widest).toBe(8);
    await pool.done;
  });

  /** One item, pushed back so often in a row before it is settled, and a second one for which the same begins anew. */
  async function pushedBack(times: number): Promise<{ waits: number[]; end: unknown }> {
    const waits: number[] = [];
    let left = times;
    const pool = open<number>({
      concurrency: 1,
      wait: async (ms) => {
        waits.push(ms);
      },
      work: async () => {
        left -= 1;
        if (left >= 0) return { again };
        left = times;
        return "settled";
      },
    });
    pool.add([1, 2]);
    pool.close();
    return { waits, end: await pool.done.catch((error) => error) };
  }

  it("never waits longer than 10 s, and goes on for 15 pauses in a row, as often as there is a success between", async () => {
    const { waits, end } = await pushedBack(15);
    expect(end).toBeUndefined();
    expect(waits).toHaveLength(30);
    expect(Math.max(...waits)).toBeLessThanOrEqual(10_000);
    expect(waits.at(-1)).toBeGreaterThanOrEqual(5_000);
  });

  it("gives up after about 80 s of that with what the gateway said, so that whoever waits is seen to fail", async () => {
    const { waits, end } = await pushedBack(16);
    expect(end).toBe(again);
    expect(waits).toHaveLength(15);
    // Even if every draw were the shortest.
    expect(waits.reduce((sum, ms) => sum + ms)).toBeGreaterThan(45_000);
  });
});

describe("when a worker has to stop", () => {
  it("starts nothing more and gives the reason", async () => {
    const stop = new AbortController();
    const started: number[] = [];
    const pool = open<number>({
      concurrency: 1,
      abort: stop.signal,
      async work(item) {
        started.push(item);
        stop.abort(new Error("lock lost"));
        return "settled";
      },
    });
    pool.add([1, 2, 3]);
    await expect(pool.done).rejects.toThrow("lock lost");
    expect(started).toEqual([1]);
  });

  it("or when the work itself fails, gives the first error, and starts nothing more", async () => {
    const started: number[] = [];
    const pool = open<number>({
      concurrency: 2,
      async work(item) {
        started.push(item);
        throw new Error(`no ${item}`);
      },
    });
    pool.add([1, 2, 3, 4]);
    await expect(pool.done).rejects.toThrow("no 1");
    await turn();
    expect(started.length).toBeLessThanOrEqual(2);
  });
});
