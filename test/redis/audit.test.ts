import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { TourniquetError } from "../../src/errors.ts";
import { AUDIT_TRAIL, audited, type Change } from "../../src/incident/audit.ts";
import { exportLedger } from "../../src/learn/ledger/export.ts";
import { openSigner } from "../../src/learn/ledger/signing.ts";
import { verifyLedger } from "../../src/learn/ledger/verify.ts";
import { createAuditTrail } from "../../src/redis/audit.ts";
import { createLedgers } from "../../src/redis/ledgers.ts";
import { openStores, type Stores } from "./open-stores.ts";

let stores: Stores;
let audit: ReturnType<typeof createAuditTrail>;
beforeAll(async () => {
  stores = await openStores();
  audit = createAuditTrail(stores.redis);
});
beforeEach(() => stores.redis.flushdb());
afterAll(() => stores.close());

const change = (more: Partial<Change> = {}): Change => ({
  by: "ada",
  role: "responder",
  credential: "token tok-1",
  via: "api",
  action: "recoverIncident",
  target: "inc-0-a-1",
  fields: { rootCause: "a retry loop" },
  ...more,
});
const exported = async () => {
  const ledgers = createLedgers(stores.redis);
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  return exportLedger({ ...stores, ledgers, signer: openSigner(undefined, ledgers), log }, AUDIT_TRAIL);
};

describe("the audit trail", () => {
  it("tells who changed what, newest first, and how it ended, in pages", async () => {
    const first = await audit.begin(change());
    const second = await audit.begin(change({ action: "standDownIncident", by: null }));
    await audit.end(first, { result: "ok", detail: "202" });
    const [newest, oldest] = await audit.list(10);
    expect(newest).toMatchObject({ number: second, by: null, action: "standDownIncident", outcome: null });
    expect(oldest).toMatchObject({ ...change(), number: first, outcome: { result: "ok", detail: "202" } });
    expect(oldest!.outcome!.at).toBeGreaterThanOrEqual(oldest!.at);
    expect((await audit.list(1)).map(({ number }) => number)).toEqual([second]);
    expect((await audit.list(10, second)).map(({ number }) => number)).toEqual([first]);
    expect(await audit.list(10, first)).toEqual([]);
  });

  it("goes back further than one reading", async () => {
    for (let n = 0; n < 150; n += 1)
      await audit.end(await audit.begin(change({ target: `inc-${n}` })), { result: "ok", detail: "" });
    expect((await audit.list(150)).map(({ target }) => target)).toEqual(
      Array.from({ length: 150 }, (_, index) => `inc-${149 - index}`),
    );
  });

  it("keeps a long order whole, though its entry has only the digest", async () => {
    const fields = { rootCause: "x".repeat(2_000) };
    await audit.begin(change({ fields }));
    expect((await audit.list(1))[0]!.fields).toEqual(fields);
    expect((await stores.redis.lrange("{tq:0}:incident:audit-0:ledger", 0, -1))[0]).toContain('"sha256"');
  });

  it("numbers what many processes write at once without a gap, and verifies as a ledger", async () => {
    await Promise.all(Array.from({ length: 40 }, () => audit.begin(change())));
    expect((await audit.list(100)).map(({ number }) => number)).toEqual(Array.from({ length: 40 }, (_, n) => 40 - n));
    expect(verifyLedger(await exported())).toMatchObject({ verdict: "whole", entries: 40, incident: AUDIT_TRAIL });
  });

  it("shows an entry that somebody changed in Redis", async () => {
    await audit.begin(change());
    await audit.begin(change());
    await exported();
    const key = "{tq:0}:incident:audit-0:ledger";
    const line = (await stores.redis.lindex(key, 0))!;
    await stores.redis.lset(key, 0, line.replace('"by":"ada"', '"by":"eve"'));
    expect(verifyLedger(await exported())).toMatchObject({
      verdict: "changed",
      problems: ["entry 1 was changed"],
    });
  });
});

describe("a change under the trail", () => {
  const unsaid: unknown[] = [];
  const ends = {
    outcomeOf: (said: string) => ({ result: "ok" as const, detail: said }),
    unsaid: (error: unknown) => void unsaid.push(error),
  };
  const last = async () => (await audit.list(1))[0]?.outcome;

  it("is written down before it is made", async () => {
    const seen = await audited(audit, change(), async () => JSON.stringify(await audit.list(1)), ends);
    expect(JSON.parse(seen)).toMatchObject([{ action: "recoverIncident", outcome: null }]);
  });

  it("ends as it came: done, refused, or failed where it may have been done in part", async () => {
    await audited(audit, change(), async () => "202", ends);
    expect(await last()).toMatchObject({ result: "ok", detail: "202" });
    const conflict = new TourniquetError("conflict", "it is over");
    await expect(audited(audit, change(), () => Promise.reject(conflict), ends)).rejects.toBe(conflict);
    expect(await last()).toMatchObject({ result: "refused", detail: "conflict" });
    const away = new TourniquetError("gateway-timeout", "no answer");
    await expect(audited(audit, change(), () => Promise.reject(away), ends)).rejects.toBe(away);
    expect(await last()).toMatchObject({ result: "failed", detail: "gateway-timeout" });
    const unasked = new TourniquetError("gateway-unreachable", "nothing was ordered", { isNothingDone: true });
    await expect(audited(audit, change(), () => Promise.reject(unasked), ends)).rejects.toBe(unasked);
    expect(await last()).toMatchObject({ result: "refused", detail: "gateway-unreachable" });
  });

  it("is not made where it cannot be written down", async () => {
    const away = new TourniquetError("redis-unavailable", "away");
    const made: string[] = [];
    const broken = { ...audit, begin: () => Promise.reject(away) };
    await expect(audited(broken, change(), async () => String(made.push("made")), ends)).rejects.toBe(away);
    expect(made).toEqual([]);
  });

  it("stands where only its end cannot be written down, and that is said", async () => {
    const away = new TourniquetError("redis-unavailable", "away");
    expect(await audited({ ...audit, end: () => Promise.reject(away) }, change(), async () => "202", ends)).toBe("202");
    expect(unsaid).toEqual([away]);
  });
});
