import { beforeAll, describe, expect, it } from "vitest";
import { canonicalJson, linkHash } from "../../../src/incident/ledger.ts";
import type { Bundle, BundleEntry } from "../../../src/learn/ledger/bundle.ts";
import { verifyLedger } from "../../../src/learn/ledger/verify.ts";
import { aBundle, aSigner, INCIDENT, textOf } from "./a-ledger.ts";

let bundle: Bundle;
let publicPem: string;
let other: Awaited<ReturnType<typeof aSigner>>;
beforeAll(async () => {
  const mine = await aSigner();
  publicPem = mine.publicPem;
  other = await aSigner();
  bundle = aBundle(mine.signer, publicPem);
});

const verify = (changed: Parameters<typeof textOf>[0], options = {}) => verifyLedger(textOf(changed), options);
const problemsOf = (changed: Parameters<typeof textOf>[0], options = {}): readonly string[] => {
  const verdict = verify(changed, options);
  return verdict.verdict === "no-ledger" ? [verdict.why] : verdict.problems;
};
const withEntries = (change: (entries: BundleEntry[]) => void): Bundle => {
  const entries = structuredClone(bundle.entries) as BundleEntry[];
  change(entries);
  return { ...bundle, entries };
};
const entryAt = (entries: BundleEntry[], seq: number) =>
  (entries[seq - 1] as { entry: { detail: object; at: number; seq: number } }).entry;

describe("a ledger that nobody changed", () => {
  it("is whole, by the key inside it and by the one given", () => {
    expect(verify(bundle)).toMatchObject({
      verdict: "whole",
      problems: [],
      entries: 12,
      checkpoints: 2,
      keysFrom: "file",
    });
    expect(verify(bundle, { keys: [publicPem] })).toMatchObject({ verdict: "whole", keysFrom: "given" });
    expect(verify(bundle, { anchors: [{ seq: 7, hash: bundle.entries[6]!.hash }] })).toMatchObject({
      verdict: "whole",
    });
  });
});

describe("one thing that was changed is named", () => {
  it.each<[string, (entries: BundleEntry[]) => void, string]>([
    ["content", (e) => Object.assign(entryAt(e, 9).detail, { n: 99 }), "entry 9 was changed"],
    ["a time", (e) => Object.assign(entryAt(e, 1), { at: 1 }), "entry 1 was changed"],
    ["a number", (e) => Object.assign(entryAt(e, 9), { seq: 11 }), "entry 9 was changed: it says that it is entry 11"],
    ["a hash", (e) => Object.assign(e[8]!, { hash: "0".repeat(64) }), "entry 9 was changed"],
    [
      "no entry",
      (e) => void e.splice(8, 1, { hash: e[8]!.hash, line: "x" }),
      "entry 9 was changed: it is no entry any more",
    ],
    ["one dropped", (e) => void e.splice(8, 1), "entry 9 is missing"],
    ["three dropped", (e) => void e.splice(8, 3), "entries 9 to 11 are missing"],
    ["the first dropped", (e) => void e.shift(), "entry 1 is missing"],
    ["neighbours swapped", (e) => void e.splice(3, 2, e[4]!, e[3]!), "entries 4 and 5 are swapped"],
    ["others swapped", (e) => void e.splice(3, 6, e[8]!, ...e.slice(4, 8), e[3]!), "entries 4 and 9 are swapped"],
    ["one moved", (e) => void e.splice(8, 0, ...e.splice(3, 1)), "entry 4 is out of its place: entry 5 stands there"],
    ["one doubled", (e) => void e.splice(4, 0, structuredClone(e[3]!)), "entry 4 stands there twice"],
    [
      "the last dropped",
      (e) => void e.pop(),
      "the file ends at entry 11, checkpoint 2 (2023-11-14T22:15:00.012Z) says that there were 12",
    ],
  ])("%s", (_what, change, problem) => {
    expect(problemsOf(withEntries(change))[0]).toBe(problem);
  });

  it("an entry that was put in, with a hash that fits", () => {
    const forged = { seq: 5, at: 1, what: "noted", phase: "contain", detail: {} };
    const changed = withEntries((entries) => {
      entries.splice(4, 0, { hash: linkHash(entries[3]!.hash, canonicalJson(forged)), entry: forged });
    });
    expect(problemsOf(changed)[0]).toBe("entry 5 stands there twice");
    const unlinked = withEntries((entries) => void entries.splice(4, 0, { hash: "0".repeat(64), entry: forged }));
    expect(problemsOf(unlinked)[0]).toBe("an entry was put in before entry 5");
  });

  it("all of it, rewritten with hashes that fit", () => {
    expect(problemsOf(rewritten())[0]).toBe(
      "what stands up to entry 7 is not what checkpoint 1 (2023-11-14T22:15:00.007Z) signed: it was rewritten, with its hashes",
    );
  });

  it("the incident, a checkpoint, a key, an attachment, the statement", () => {
    const [first, second] = bundle.checkpoints;
    const [evidence] = bundle.attachments;
    expect(problemsOf({ ...bundle, incident: "inc-0-0123456789ab-2" })[0]).toMatch(
      /its statement is about inc-0-0123456789ab-1/,
    );
    expect(problemsOf({ ...bundle, checkpoints: [first!, { ...second!, at: 1 }] })[0]).toMatch(
      /^the signature of checkpoint 2 .* is not by key SHA256:/,
    );
    expect(problemsOf({ ...bundle, checkpoints: [{ ...first!, at: -9e15 }, second!] })[0]).toMatch(
      /^the signature of checkpoint 1 \(-9000000000000000\)/,
    );
    expect(problemsOf({ ...bundle, checkpoints: [first!] })).toEqual([
      "the checkpoints are not those that the statement signed: one was removed, added or changed",
    ]);
    expect(problemsOf({ ...bundle, checkpoints: [second!, first!] })[0]).toMatch(
      /^checkpoint 2 .* does not come after/,
    );
    expect(problemsOf({ ...bundle, keys: [{ ...bundle.keys[0]!, pem: other.publicPem }] })[0]).toMatch(
      /is another one$/,
    );
    expect(problemsOf({ ...bundle, keys: [{ ...bundle.keys[0]!, pem: "?" }] })[0]).toMatch(/is none$/);
    expect(problemsOf({ ...bundle, attachments: [{ ...evidence!, content: {} }] })[0]).toMatch(
      /^attachment evidence\/at-containment differs/,
    );
    expect(problemsOf({ ...bundle, attachments: [] })[0]).toBe(
      "attachment evidence/at-containment, which entry 6 names, is missing",
    );
    expect(problemsOf({ ...bundle, attachments: [evidence!, { ...evidence!, name: "x" }] })[0]).toMatch(
      /^attachment x is not/,
    );
    expect(problemsOf({ ...bundle, statement: undefined })).toEqual([
      "the statement is missing: nothing says how the file ended when it was exported",
    ]);
    expect(problemsOf({ ...bundle, statement: { ...bundle.statement, at: 1 } })[0]).toMatch(
      /^the signature of the statement/,
    );
  });

  it("the end, with its checkpoint, as if it had never been", () => {
    const cut = { ...withEntries((entries) => void entries.splice(7)), checkpoints: bundle.checkpoints.slice(0, 1) };
    expect(problemsOf(cut)).toEqual(["the file ends at entry 7, its statement says that there were 12"]);
  });

  it("the file itself, cut off or written otherwise", () => {
    const text = textOf(bundle);
    expect(verifyLedger(text.slice(0, -9))).toMatchObject({
      problems: [expect.stringMatching(/^the file is cut off/)],
    });
    expect(verifyLedger(text.replace('"noted"', '"\\u006eoted"'))).toMatchObject({
      problems: ["line 5 of the file is written otherwise than an export writes it"],
    });
    expect(verifyLedger(`${text}\n`)).toMatchObject({ verdict: "changed" });
    expect(verifyLedger(text.replace('"entries": [', '"entries": [1,'))).toMatchObject({
      problems: [expect.stringMatching(/^not as an export writes it, entry 1/)],
    });
  });
});

describe("a file that never was a ledger", () => {
  it.each(["", "hello", "{}", "[1]", '{"format":"tourniquet-ledger/2"}'])("is called none: %j", (text) => {
    expect(verifyLedger(text).verdict).toBe("no-ledger");
  });
});

describe("a ledger that was rewritten and signed anew", () => {
  it("with a key of one's own, is only believed where no key is given", () => {
    const forged = aBundle(other.signer, other.publicPem);
    expect(verify(forged).verdict).toBe("whole");
    expect(problemsOf(forged, { keys: [publicPem] })[0]).toBe(
      `checkpoint 1 (2023-11-14T22:15:00.007Z) is signed by key ${other.signer.keyId}, which --key did not give`,
    );
  });

  it("with a key that rotated, is whole where both are given", () => {
    const last = other.signer.sign({ ...withoutSignature(bundle.statement) });
    const rotated = { ...bundle, statement: last as Bundle["statement"] };
    expect(problemsOf(rotated, { keys: [publicPem, other.publicPem] })).toEqual([]);
    expect(problemsOf(rotated, { keys: [`${publicPem}\n${other.publicPem}`] })).toEqual([]);
    expect(problemsOf(rotated, { keys: [publicPem] })[0]).toMatch(
      /^the statement is signed by key SHA256:.*did not give$/,
    );
  });

  it("with the right key, is caught by what the log said", () => {
    const anchor = { seq: 7, hash: bundle.entries[6]!.hash };
    expect(problemsOf(bundle, { anchors: [{ ...anchor, hash: "0".repeat(64) }] })[0]).toMatch(
      /^what stands up to entry 7 is not what the anchor says/,
    );
    expect(problemsOf(bundle, { anchors: [anchor, { seq: 13, hash: "0".repeat(64) }] })[0]).toBe(
      "the file ends at entry 12, the anchor says that there were 13",
    );
  });
});

/** Every entry changed, and the chain made to fit. */
function rewritten(): Bundle {
  let before = INCIDENT;
  return withEntries((entries) => {
    for (const [index, each] of entries.entries()) {
      const entry = entryAt(entries, index + 1);
      Object.assign(entry.detail, { forged: true });
      each.hash = linkHash(before, canonicalJson(entry));
      before = each.hash;
    }
  });
}

function withoutSignature({ keyId: _keyId, signature: _signature, ...said }: Bundle["statement"]) {
  return said;
}
