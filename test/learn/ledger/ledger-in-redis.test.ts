import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { canonicalJson, linkHash } from "../../../src/incident/ledger.ts";
import { anchorOf, checkpoint, checkpointDue } from "../../../src/learn/ledger/checkpoint.ts";
import { exportLedger } from "../../../src/learn/ledger/export.ts";
import { newKey, openSigner } from "../../../src/learn/ledger/signing.ts";
import { verifyLedger } from "../../../src/learn/ledger/verify.ts";
import { createLedgers } from "../../../src/redis/ledgers.ts";
import { openRequest } from "../../redis/open-request.ts";
import { openStores, type Stores } from "../../redis/open-stores.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(() => stores.redis.flushdb().then(() => undefined));

/** What a process brings along; `key` as LEDGER_SIGNING_KEY would give it. */
function aProcess(key?: string) {
  const lines: { what: string; fields: Record<string, unknown> }[] = [];
  const say = (fields: Record<string, unknown>, what: string) => void lines.push({ what, fields });
  const ledgers = createLedgers(stores.redis);
  const { incidents, clock } = stores;
  const log = { info: say, warn: say, error: say };
  return { incidents, clock, ledgers, log, lines, signer: openSigner(key, ledgers) };
}

const open = async () => (await stores.incidents.open(openRequest())).incidentId;
const note = (incidentId: string, n: number) => stores.incidents.note(incidentId, "contain", "noted", { n });
const keyOf = (incidentId: string, part = "") => `{tq:0}:incident:${incidentId}:ledger${part}`;
const problemsOf = (text: string, options = {}) => {
  const verdict = verifyLedger(text, options);
  return verdict.verdict === "no-ledger" ? [verdict.why] : verdict.problems;
};

async function ofTwenty(): Promise<string> {
  const incidentId = await open();
  for (let n = 2; n <= 20; n += 1) await note(incidentId, n);
  return incidentId;
}

describe("an exported ledger", () => {
  it("is whole, with every entry, its evidence and its long texts", async () => {
    const incidentId = await ofTwenty();
    await stores.incidents.recordEvidence(incidentId, "at-containment", { balance: "1.00" });
    await stores.incidents.recordReceipt(incidentId, "long", "contain", { text: "x".repeat(3_000) });
    const text = await exportLedger(aProcess(), incidentId);
    expect(verifyLedger(text)).toMatchObject({ verdict: "whole", problems: [], entries: 22, checkpoints: 1 });
    expect(JSON.parse(text).attachments).toMatchObject([
      { name: "evidence/at-containment", content: { balance: "1.00" } },
      { name: "step-done/22", content: { text: "x".repeat(3_000) } },
    ]);
  });

  it("says the same twice, and what followed in the next one", async () => {
    const incidentId = await ofTwenty();
    const worker = aProcess();
    await exportLedger(worker, incidentId);
    expect(JSON.parse(await exportLedger(worker, incidentId)).checkpoints).toHaveLength(1);
    await note(incidentId, 21);
    expect(verifyLedger(await exportLedger(worker, incidentId))).toMatchObject({ verdict: "whole", checkpoints: 2 });
  });

  it("of what is no incident is refused", async () => {
    await expect(exportLedger(aProcess(), "inc-0-000000000000-1")).rejects.toMatchObject({ code: "not-found" });
  });
});

describe("when somebody changes the ledger in Redis (F27)", () => {
  it("the first entry that he changed, removed or moved is named", async () => {
    const change = fc.record({
      how: fc.constantFrom("edit", "delete", "swap", "insert"),
      at: fc.integer({ min: 1, max: 19 }),
    });
    await fc.assert(
      fc.asyncProperty(change, async ({ how, at }) => {
        await stores.redis.flushdb();
        const incidentId = await ofTwenty();
        const worker = aProcess();
        await checkpoint(worker, incidentId);
        const [mine, next] = await stores.redis.lrange(keyOf(incidentId), at - 1, at);
        if (how === "edit")
          await stores.redis.lset(keyOf(incidentId), at - 1, mine!.replace(/"phase":"\w/, '"phase":"x'));
        if (how === "delete") await stores.redis.lrem(keyOf(incidentId), 1, mine!);
        if (how === "insert") await stores.redis.linsert(keyOf(incidentId), "AFTER", mine!, mine!);
        if (how === "swap") {
          await stores.redis.lset(keyOf(incidentId), at - 1, next!);
          await stores.redis.lset(keyOf(incidentId), at, mine!);
        }
        const [problem] = problemsOf(await exportLedger(worker, incidentId));
        const expected = {
          edit: `entry ${at} was changed`,
          delete: `entry ${at} is missing`,
          swap: `entries ${at} and ${at + 1} are swapped`,
          insert: `entry ${at} stands there twice`,
        };
        expect(problem).toBe(expected[how]);
      }),
      { seed: 27, numRuns: 10 },
    );
  });

  it("and cuts off its end, hashes and all, the checkpoint says what there was, and the log says so at once", async () => {
    const incidentId = await ofTwenty();
    const worker = aProcess();
    await checkpoint(worker, incidentId);
    for (const part of ["", ":hashes"]) await stores.redis.ltrim(keyOf(incidentId, part), 0, 11);
    expect(problemsOf(await exportLedger(worker, incidentId))[0]).toMatch(
      /^the file ends at entry 12, checkpoint 1 \(.*\) says that there were 20$/,
    );
    expect(worker.lines.at(-1)).toMatchObject({ what: "ledger.not-as-signed", fields: { entries: 12, signed: 20 } });
  });

  it("evidence and long texts are named too", async () => {
    const incidentId = await open();
    await stores.incidents.recordEvidence(incidentId, "at-containment", { balance: "1.00" });
    await stores.incidents.note(incidentId, "contain", "long", { text: "x".repeat(3_000) });
    await stores.redis.hset(`{tq:0}:incident:${incidentId}:evidence`, "at-containment", '{"balance":"9.00"}');
    expect(problemsOf(await exportLedger(aProcess(), incidentId))[0]).toMatch(
      /^attachment evidence\/at-containment differs/,
    );
    await stores.redis.hset(`{tq:0}:incident:${incidentId}:evidence`, "at-containment", '{"balance":"1.00"}');
    expect(problemsOf(await exportLedger(aProcess(), incidentId))).toEqual([]);
    await stores.redis.del(keyOf(incidentId, ":texts"));
    expect(problemsOf(await exportLedger(aProcess(), incidentId))).toEqual([
      "attachment long/3, which entry 3 names, is missing",
    ]);
  });

  it("all of it, and signs anew with the key that lies there, the line in the log tells", async () => {
    const incidentId = await ofTwenty();
    const worker = aProcess();
    await checkpoint(worker, incidentId);
    const { anchor } = worker.lines.at(-1)!.fields as { anchor: string };
    const [seq, hash] = anchor.split(":") as [string, string];
    const anchors = [{ seq: Number(seq), hash: hash.replaceAll("-", "") }];
    expect(problemsOf(await exportLedger(worker, incidentId), { anchors })).toEqual([]);

    await rewrite(incidentId);
    const forged = await exportLedger(aProcess(), incidentId);
    expect(verifyLedger(forged).verdict).toBe("whole");
    expect(problemsOf(forged, { anchors })[0]).toMatch(/^what stands up to entry 20 is not what the anchor says/);
  });
});

describe("a checkpoint", () => {
  it("is made soon where an incident is contained or over, and within a minute of any other entry", async () => {
    const incidentId = await open();
    const worker = aProcess();
    expect(await checkpointDue(worker, 0)).toBe(0);
    const [{ dueAt } = { dueAt: 0 }] = await worker.ledgers.unsigned(0, 10);
    const openedAt = (await stores.incidents.load(incidentId))!.openedAt;
    expect(dueAt - openedAt).toBe(50_000);
    await note(incidentId, 1);
    expect(await worker.ledgers.unsigned(0, 10)).toEqual([{ incidentId, dueAt }]);
    await stores.incidents.setStatus(incidentId, "containing", "contain", {});
    expect(await checkpointDue(worker, 0)).toBe(0);
    await stores.incidents.setStatus(incidentId, "contained", "contain", {});
    expect(await checkpointDue(worker, 0)).toBe(1);
    expect(await worker.ledgers.unsigned(0, 10)).toEqual([]);
    await stores.incidents.setStatus(incidentId, "stood-down", "recover", {});
    expect(await checkpointDue(worker, 0)).toBe(1);
    expect(worker.lines.map(({ what }) => what)).toEqual(["ledger.checkpoint", "ledger.checkpoint"]);
    expect(verifyLedger(await exportLedger(worker, incidentId))).toMatchObject({ verdict: "whole", checkpoints: 2 });
  });

  it("that is due is made by whoever comes next, where the one before died with it unkept", async () => {
    const incidentId = await open();
    await stores.redis.zadd("{tq:0}:unsigned", 1, incidentId);
    const dying = aProcess();
    dying.ledgers.keepCheckpoint = () => Promise.reject(new Error("killed"));
    await expect(checkpointDue(dying, 0)).rejects.toThrow("killed");
    const next = aProcess();
    expect(await checkpointDue(next, 0)).toBe(1);
    expect(next.lines[0]!.fields.anchor).toBe(dying.lines[0]!.fields.anchor);
  });

  it("covers what was appended while it was made by the next one", async () => {
    const incidentId = await open();
    const worker = aProcess();
    const keep = worker.ledgers.keepCheckpoint;
    worker.ledgers.keepCheckpoint = async (made) => {
      await note(incidentId, 2);
      return keep(made);
    };
    expect(await checkpoint(worker, incidentId)).toMatchObject({ seq: 1 });
    expect(await worker.ledgers.unsigned(0, 10)).toMatchObject([{ incidentId }]);
  });

  it("is one, however many make it at once", async () => {
    const incidentId = await ofTwenty();
    const made = await Promise.all([aProcess(), aProcess(), aProcess()].map((each) => exportLedger(each, incidentId)));
    for (const text of [...made, await exportLedger(aProcess(), incidentId)])
      expect(verifyLedger(text)).toMatchObject({ verdict: "whole", checkpoints: 1 });
  });

  it("leaves no hash in the log that the log would blacken", async () => {
    const incidentId = await open();
    const made = (await checkpoint(aProcess(), incidentId))!;
    expect(anchorOf(made)).toMatch(/^1:[0-9a-f]{16}(-[0-9a-f]{16}){3}$/);
    expect(anchorOf(made).replaceAll("-", "")).toBe(`1:${made.head}`);
  });
});

describe("the key that signs", () => {
  it("is made once and kept, whoever comes first, and never in a log", async () => {
    const incidentId = await open();
    const processes = [aProcess(), aProcess(), aProcess()];
    const signers = await Promise.all(processes.map(({ signer }) => signer()));
    expect(new Set(signers.map(({ keyId }) => keyId)).size).toBe(1);
    expect(signers[0]!.isOurs).toBe(false);
    await checkpoint(processes[0]!, incidentId);
    expect(JSON.stringify(processes[0]!.lines)).not.toMatch(/PRIVATE/);
    expect(await exportLedger(processes[1]!, incidentId)).not.toMatch(/PRIVATE/);
  });

  it("may rotate: what the old one signed still verifies", async () => {
    const incidentId = await open();
    const before = aProcess(newKey());
    await checkpoint(before, incidentId);
    await note(incidentId, 2);
    const after = aProcess(newKey());
    const text = await exportLedger(after, incidentId);
    const ids = [(await before.signer()).keyId, (await after.signer()).keyId];
    expect(verifyLedger(text)).toMatchObject({ verdict: "whole", keyIds: ids });
    expect((await before.signer()).isOurs).toBe(true);
    expect(await stores.redis.hexists("{tq:fleet}:ledger-keys", "private")).toBe(0);
  });
});

/** As somebody would who may write to Redis: content, hashes and checkpoints, all of it made to fit. */
async function rewrite(incidentId: string): Promise<void> {
  const lines = await stores.redis.lrange(keyOf(incidentId), 0, -1);
  await stores.redis.del(keyOf(incidentId, ":hashes"), keyOf(incidentId, ":checkpoints"));
  let before = incidentId;
  for (const [index, line] of lines.entries()) {
    const forged = canonicalJson({ ...JSON.parse(line), detail: { n: 0 } });
    before = linkHash(before, forged);
    await stores.redis.lset(keyOf(incidentId), index, forged);
    await stores.redis.rpush(keyOf(incidentId, ":hashes"), before);
  }
}
