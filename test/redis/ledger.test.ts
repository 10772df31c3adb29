import fc from "fast-check";
import type { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { canonicalJson, linkHash, sha256 } from "../../src/incident/ledger.ts";
import { createLedgers } from "../../src/redis/ledgers.ts";
import { openRequest } from "./open-request.ts";
import { openStores, type Stores } from "./open-stores.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(() => stores.redis.flushdb().then(() => undefined));

const open = async (agentId = "agent-7") => (await stores.incidents.open(openRequest({ agentId }))).incidentId;
const entriesOf = async (incidentId: string) =>
  (await createLedgers(stores.redis).read(incidentId)).lines.map((line) => JSON.parse(line));

describe("the ledger as Redis writes it", () => {
  it("is canonical JSON, numbered without a gap, and hashed line by line", async () => {
    const text = fc.string({
      unit: fc.constantFrom("a", '"', "\\", "/", "\n", "\u0001", "\u007f", "\u2028", "ä", "💥"),
    });
    await fc.assert(
      fc.asyncProperty(text, fc.string({ maxLength: 3_000 }), async (name, detail) => {
        const incidentId = await open(`agent-${name}-${Math.random()}`);
        await stores.incidents.note(incidentId, "contain", name || "x", { z: detail, a: 1.5, list: [null, true] });
        await stores.incidents.recordReceipt(incidentId, name, "contain", { detail });
        await stores.marks.leave("payee", name, { incidentId, what: name, why: detail, at: 1 });
        await stores.incidents.recordEvidence(incidentId, name, { detail });
        await stores.caps.beginLowering(`agent-${name}`, incidentId, "t", 1_000, `freeze:${name}`);
        await createLedgers(stores.redis).seal(incidentId);
        const { lines, hashes } = await createLedgers(stores.redis).read(incidentId);
        expect([lines.length, hashes.length]).toEqual([6, 6]);
        let previous = incidentId;
        for (const [index, line] of lines.entries()) {
          expect(hashes[index]).toBe(linkHash(previous, line));
          expect(canonicalJson(JSON.parse(line))).toBe(line);
          expect(JSON.parse(line).seq).toBe(index + 1);
          previous = hashes[index]!;
        }
      }),
      { seed: 5, numRuns: 30 },
    );
  });

  it("keeps the digest of what is long in the line, and the text beside it", async () => {
    const incidentId = await open();
    const detail = { text: "x".repeat(2_000) };
    await stores.incidents.note(incidentId, "contain", "long", detail);
    await stores.incidents.tell(incidentId, "call-answered", detail);
    await stores.incidents.recordEscrows(incidentId, [
      { escrowId: "e", payee: "p".repeat(1_000), amount: "1.00", result: "held", reason: "" },
    ]);
    const { texts } = await createLedgers(stores.redis).read(incidentId);
    const [, long, told, escrows] = await entriesOf(incidentId);
    expect(long.detail).toEqual({ bytes: 2_011, sha256: sha256(canonicalJson(detail)) });
    expect(told.detail).toEqual(long.detail);
    expect(texts[long.detail.sha256]).toBe(canonicalJson(detail));
    expect(JSON.parse(texts[escrows.detail.escrows.sha256]!)).toMatchObject([{ escrowId: "e" }]);
  });

  it("leaves a text short enough where it is read", async () => {
    const incidentId = await open();
    await stores.incidents.note(incidentId, "contain", "short", { text: "x".repeat(980) });
    expect((await entriesOf(incidentId))[1].detail).toEqual({ text: "x".repeat(980) });
    expect((await createLedgers(stores.redis).read(incidentId)).texts).toEqual({});
  });
});

describe("what stands in the ledger", () => {
  it("is every change of what the product knows, in the act of the change, and once", async () => {
    const incidentId = await open();
    const caps = { dailyCap: null, monthlyCap: undefined, alertThreshold: undefined };
    await stores.caps.takeSnapshot("agent-7", incidentId, caps, "gateway");
    await stores.caps.takeSnapshot("agent-7", incidentId, caps, "gateway");
    await stores.caps.beginLowering("agent-7", incidentId, "t1", 1_000, "freeze:agent-7:1");
    await stores.caps.answerLowering(
      "agent-7",
      incidentId,
      "t1",
      { action: "freeze:agent-7:1", outcome: "done" },
      false,
    );
    const mark = { incidentId, what: "paused", why: "because", at: 1 };
    await stores.marks.leave("agent", "agent-7", mark);
    await stores.marks.leave("agent", "agent-7", mark);
    await stores.incidents.recordEvidence(incidentId, "at-containment", { balance: "1.00" });
    await stores.incidents.recordEvidence(incidentId, "at-containment", { balance: "2.00" });
    await stores.marks.withdraw("agent", "agent-7", mark);
    await stores.marks.forget("agent", "agent-7", mark);
    await stores.marks.forget("agent", "agent-7", mark);
    await stores.incidents.beginStandDown(incidentId, "ada", "planned");
    expect(await stores.caps.beginLowering("agent-7", incidentId, "t2", 1_000, "refreeze:agent-7:1")).toBe(false);
    expect((await entriesOf(incidentId)).map(({ what }) => what)).toEqual([
      "incident-opened",
      "caps-kept",
      "call-sent",
      "call-answered",
      "mark-left",
      "evidence-kept",
      "mark-withdrawn",
      "mark-gone",
      "stand-down-asked",
      "call-refused",
    ]);
    expect(await stores.caps.loweringLeft("agent-7")).toBe(0);
  });

  it("keeps a write on its way that may still land, whatever its answer was", async () => {
    const incidentId = await open();
    await stores.caps.beginLowering("agent-7", incidentId, "t1", 60_000, "freeze:agent-7:1");
    await stores.caps.answerLowering("agent-7", incidentId, "t1", { outcome: "unknown" }, true);
    expect(await stores.caps.loweringLeft("agent-7")).toBeGreaterThan(0);
  });
});

describe("when many write and many hash at once", () => {
  it("there is one chain, with every entry in it", async () => {
    const incidentId = await open();
    const other = await openOther();
    const ledgers = [createLedgers(stores.redis), createLedgers(other)];
    const work = Array.from({ length: 200 }, (_, n) => [
      stores.incidents.note(incidentId, "contain", "noted", { n }),
      ...(n % 5 === 0 ? ledgers.map((ledger) => ledger.seal(incidentId)) : []),
    ]);
    await Promise.all(work.flat());
    const ends = await Promise.all(ledgers.map((ledger) => ledger.seal(incidentId)));
    const { lines, hashes } = await ledgers[0]!.read(incidentId);
    expect([lines.length, hashes.length]).toEqual([201, 201]);
    expect(ends).toEqual([
      { seq: 201, head: hashes.at(-1) },
      { seq: 201, head: hashes.at(-1) },
    ]);
    expect(lines.reduce(linkHash, incidentId)).toBe(hashes.at(-1));
    await other.quit();
  });
});

/** Another process's connection, with the scripts on it. */
async function openOther() {
  const { connectRedis } = await import("../../src/redis/connection.ts");
  const { host, port, db } = (stores.redis as Redis).options;
  return connectRedis(`redis://${host}:${port}/${db}`, "worker", (error) => {
    throw error;
  });
}
