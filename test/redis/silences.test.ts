import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { isActive, type Silence, silenceFor } from "../../src/incident/silence.ts";
import { keys } from "../../src/redis/keys.ts";
import { openStores, type Stores } from "./open-stores.ts";

let stores: Stores;
let now: number;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(async () => {
  await stores.redis.flushdb();
  now = await stores.clock.now();
});

const HOUR = 3_600_000;
const said = (more: Partial<Silence> = {}): Omit<Silence, "id"> => ({
  owner: "mira",
  reason: "load test",
  from: now,
  until: now + HOUR,
  agent: undefined,
  signal: undefined,
  holdsContainment: false,
  ...more,
});
const states = async (fromFile: readonly Silence[] = []) =>
  (await stores.silences.list(fromFile)).map(({ id, state }) => [id, state]);

describe("a silence", () => {
  it("is active from its first millisecond on, and no more in its last", () => {
    const silence = { from: 1_000, until: 2_000 };
    expect([999, 1_000, 1_999, 2_000].map((at) => isActive(silence, at))).toEqual([false, true, true, false]);
  });

  it("is about its agent and its signal, or about any; containment it holds only where it says so", () => {
    const silences = [{ ...said({ agent: "a", signal: "cost-anomaly" }), id: "one" }];
    const find = (agentId: string, kind: "cost-anomaly" | "error-spike", what: "alert" | "containment" = "alert") =>
      silenceFor(silences, { agentId, kind }, now, what)?.id;
    expect(find("a", "cost-anomaly")).toBe("one");
    expect(find("b", "cost-anomaly")).toBeUndefined();
    expect(find("a", "error-spike")).toBeUndefined();
    expect(find("a", "cost-anomaly", "containment")).toBeUndefined();
    silences[0] = { ...said({ holdsContainment: true }), id: "two" };
    expect(find("b", "error-spike", "containment")).toBe("two");
  });
});

describe("silences made while the product runs", () => {
  it("come back as they were said, until they are over by Redis's time", async () => {
    const kept = await stores.silences.add(said({ agent: "a" }));
    const over = await stores.silences.add(said({ from: now - HOUR, until: now - 1 }));
    const { silences, now: at } = await stores.silences.current();
    expect(silences).toEqual([kept]);
    expect(at).toBeGreaterThanOrEqual(now);
    expect(await states()).toEqual([
      [kept.id, "active"],
      [over.id, "expired"],
    ]);
  });

  it("are listed for a day after they ended, and then forgotten", async () => {
    const DAY = 24 * HOUR;
    const [shown] = [
      await stores.silences.add(said({ from: 0, until: now - DAY + HOUR })),
      await stores.silences.add(said({ from: 0, until: now - DAY - 1 })),
      await stores.silences.add(said({ from: now + HOUR, until: now + 2 * HOUR })),
    ];
    expect((await states()).map(([, state]) => state)).toEqual(["coming", "expired"]);
    await stores.silences.newlyEnded([]);
    expect(await stores.redis.hkeys(keys.silences())).toHaveLength(2);
    expect(await stores.redis.hexists(keys.silences(), shown!.id)).toBe(1);
  });

  it("end at once when a person ends them, and only once", async () => {
    const { id } = await stores.silences.add(said());
    expect(await stores.silences.end(id)).toBe(true);
    expect(await stores.silences.end(id)).toBe(false);
    expect(await stores.silences.end("sil-none")).toBe(false);
    expect((await stores.silences.current()).silences).toEqual([]);
    expect(await states()).toEqual([[id, "expired"]]);
  });

  it("count each signal they held back once, those of the settings file too", async () => {
    const silence = await stores.silences.add(said());
    const fromFile: Silence = { ...said({ from: 0 }), id: "file-1" };
    for (const signalId of ["sig-1", "sig-2", "sig-1", "sig-3"]) await stores.silences.heldBack(silence, signalId);
    await stores.silences.heldBack(fromFile, "sig-1");
    const heldBack = (await stores.silences.list([fromFile])).map(({ id, heldBack }) => [id, heldBack]);
    expect(new Map(heldBack as [string, number][])).toEqual(
      new Map([
        [silence.id, 3],
        ["file-1", 1],
      ]),
    );
  });

  it("are told of once when they end, however many processes look", async () => {
    const { id } = await stores.silences.add(said({ from: 0, until: now - 1 }));
    await stores.silences.add(said());
    const fromFile: Silence = { ...said({ from: 0, until: now - 1 }), id: "file-2" };
    const told = (await Promise.all([1, 2, 3].map(() => stores.silences.newlyEnded([fromFile])))).flat();
    expect(told.map((silence) => silence.id).sort()).toEqual(["file-2", id].sort());
  });
});
