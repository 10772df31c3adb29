import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCursor } from "../../src/incident/page.ts";
import { presentSummary } from "../../src/incident/summary.ts";
import { keys } from "../../src/redis/keys.ts";
import { partitionOfId } from "../../src/redis/partitions.ts";
import { aSignal, openRequest } from "./open-request.ts";
import { openStores, type Stores } from "./open-stores.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores(4);
});
afterAll(() => stores.close());

const open = async (agentId: string, more: Parameters<typeof openRequest>[1] = {}) =>
  (await stores.incidents.open(openRequest({ agentId }, more))).incidentId;
/** As if it had opened then. */
const openedAt = async (id: string, at: number) => {
  const partition = partitionOfId(id);
  await stores.redis.zadd(keys.incidents(partition), String(at), id);
  await stores.redis.hset(keys.incident(partition, id), "openedAt", at);
};
type Which = Omit<Parameters<Stores["incidents"]["page"]>[0], "after">;
/** Every page, in order. */
const pages = async (which: Which, between: () => Promise<unknown> = async () => undefined) => {
  const found: string[][] = [];
  let next: string | null | undefined;
  while (next !== null) {
    const page = await stores.incidents.page({ ...which, after: readCursor(next) });
    found.push(page.rows.map(({ id }) => id));
    next = page.next;
    await between();
  }
  return found;
};

describe("incidents by pages", () => {
  it("are each on exactly one, newest first over all partitions, however many open meanwhile", async () => {
    await stores.redis.flushdb();
    const ids: string[] = [];
    for (let index = 0; index < 11; index += 1) ids.push(await open(`a-${index}`));
    // Three of the very same millisecond, and pages end among them.
    const now = Date.now();
    await Promise.all(ids.map((id, index) => openedAt(id, now - 1_000 * Math.max(3, index))));
    const found = await pages({ limit: 2 }, () => open(`b-${randomUUID()}`));
    expect(found.map(({ length }) => length)).toEqual([2, 2, 2, 2, 2, 1]);
    expect([...found.flat()].sort()).toEqual([...ids].sort());
    // Of one time by their ids, the others by their time.
    expect(found.flat().slice(4)).toEqual(ids.slice(4));
    expect(new Set(found.flat().slice(0, 4))).toEqual(new Set(ids.slice(0, 4)));
  });

  it("of exactly one page have no next, and of one more have", async () => {
    await stores.redis.flushdb();
    for (let index = 0; index < 3; index += 1) await open(`c-${index}`);
    expect((await pages({ limit: 3 })).map(({ length }) => length)).toEqual([3]);
    await open("c-3");
    expect((await pages({ limit: 3 })).map(({ length }) => length)).toEqual([3, 1]);
  });

  it("are narrowed by status, priority, agent and time, and end where nothing more is meant", async () => {
    await stores.redis.flushdb();
    const over = await open("d-over");
    await stores.incidents.setStatus(over, "stood-down", "recover", {});
    const p2 = await open("d-p2", { priority: "P2" });
    const p0 = await open("d-p0");
    const of = async (which: Partial<Which>) => (await pages({ limit: 10, ...which })).flat().sort();
    expect(await of({ status: "open" })).toEqual([p0, p2].sort());
    expect(await of({ status: "over" })).toEqual([over]);
    expect(await of({ status: "stood-down" })).toEqual([over]);
    expect(await of({ priority: "P2" })).toEqual([p2]);
    expect(await of({ agent: "d-p0" })).toEqual([p0]);
    await openedAt(p2, Date.now() - 60_000);
    expect(await of({ status: "open", since: Date.now() - 30_000 })).toEqual([p0]);
    expect((await stores.incidents.allOpen()).map(({ id }) => id).sort()).toEqual([p0, p2].sort());
  });
});

describe("an incident in a list", () => {
  const money = (id: string) =>
    stores.incidents.page({ limit: 5, after: null }).then(({ rows }) => rows.find((one) => one.id === id)!);
  const escrow = (escrowId: string, result: "held" | "recovered" | "lost", amount = "150.00") => ({
    ...{ escrowId, payee: "p", amount, result, reason: "" },
  });

  it("has its dollars to the last digit without one escrow being read", async () => {
    const id = await open("e-1");
    await stores.incidents.recordEscrows(id, [escrow("1", "held"), escrow("2", "held", "0.00000001")]);
    await stores.incidents.recordEscrows(id, [escrow("1", "recovered"), escrow("3", "lost", "9007199254.74099311")]);
    const listed = await money(id);
    expect(listed.dollars).toEqual((await stores.incidents.view(id))!.dollars);
    expect(listed.dollars).toEqual({
      locked: "9007199404.74099312",
      recovered: "150.00",
      lost: "9007199254.74099311",
    });
    expect(listed).not.toHaveProperty("escrows");
    expect(listed).not.toHaveProperty("timeline");
  });

  it("has them also where one amount is more than 64 bits hold, which stops nothing", async () => {
    const id = await open("e-4");
    await stores.incidents.recordEscrows(id, [escrow("1", "held", "999999999999999.00"), escrow("2", "held")]);
    expect((await money(id)).dollars.locked).toBe("1000000000000149.00");
  });

  it("has them also where an earlier version kept no sums", async () => {
    const id = await open("e-2");
    await stores.incidents.recordEscrows(id, [escrow("1", "recovered")]);
    await stores.redis.hdel(keys.incident(partitionOfId(id), id), "money recovered", "money held");
    expect((await money(id)).dollars.recovered).toBe("150.00");
  });

  it("tells its story in one sentence: who, what, the dollars, how it stands", async () => {
    const id = await open("e-3");
    const sentence = async () => presentSummary(await money(id)).sentence;
    expect(await sentence()).toBe("e-3 opened one escrow after another: it is not contained yet");
    await stores.incidents.recordEscrows(id, [escrow("1", "recovered"), escrow("2", "held")]);
    await stores.incidents.setStatus(id, "containing", "contain", {});
    await stores.incidents.setStatus(id, "contained", "contain", {});
    expect(await sentence()).toMatch(
      /^e-3 opened one escrow after another, \$300\.00 locked, \$150\.00 of it back: contained within (\d+ ms|[\d.]+ s)$/,
    );
    await stores.incidents.beginStandDown(id, "ada", "a drill of our own");
    await stores.incidents.setStatus(id, "stood-down", "recover", {});
    expect(await sentence()).toMatch(/^False alarm: e-3 opened .*: released by ada$/);
  });
});

describe("signals, tunings and cascades by pages", () => {
  it("each are on exactly one, newest first", async () => {
    await stores.redis.flushdb();
    for (let index = 0; index < 5; index += 1) {
      const signal = aSignal({ id: `sig-${index}`, agentId: `f-${index}` });
      await stores.verdicts.keep({ signal, tier: "alert-human", decidedBy: "policy line 1" });
    }
    const all = (await stores.verdicts.recent(10)).map(({ signal }) => signal.id);
    const first = await stores.verdicts.page({ limit: 2, after: null });
    const second = await stores.verdicts.page({ limit: 2, after: readCursor(first.next!) });
    const third = await stores.verdicts.page({ limit: 2, after: readCursor(second.next!) });
    expect(third.next).toBeNull();
    const found = [first, second, third].flatMap(({ rows }) => rows.map(({ signal }) => signal.id));
    expect([...found].sort()).toEqual([...all].sort());
    expect(await stores.tunings.page({ limit: 2, after: null })).toEqual({ rows: [], next: null });
    expect(await stores.cascades.page({ limit: 2, after: null })).toEqual({ rows: [], next: null });
  });
});

describe("a cursor", () => {
  it.each(["", "made-up", "MTIz", Buffer.from("1 a b").toString("base64"), Buffer.from("x y").toString("base64url")])(
    "that we never gave, %j, is refused by its field",
    (text) => {
      expect(() => readCursor(text)).toThrow(
        expect.objectContaining({
          code: "input-invalid",
          detail: { mistakes: [expect.objectContaining({ field: "after" })] },
        }),
      );
    },
  );
});
