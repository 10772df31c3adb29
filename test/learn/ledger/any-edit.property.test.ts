import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { canonicalJson } from "../../../src/incident/ledger.ts";
import type { Bundle } from "../../../src/learn/ledger/bundle.ts";
import { verifyLedger } from "../../../src/learn/ledger/verify.ts";
import { aBundle, aSigner, textOf } from "./a-ledger.ts";

let bundle: Bundle;
beforeAll(async () => {
  const { signer, publicPem } = await aSigner();
  bundle = aBundle(signer, publicPem);
});

/** After "{", "format", "incident" and the opening of the list. */
const FIRST_ENTRY_LINE = 5;

describe("any single edit of the file", () => {
  it("is seen, whichever byte it is", () => {
    const text = textOf(bundle);
    const edit = fc.record({
      at: fc.nat({ max: text.length - 1 }),
      remove: fc.constantFrom(0, 1),
      put: fc.constantFrom("", "0", "1", "a", "A", "f", " ", "\n", '"', "=", "+", "\\", "]", "{", ","),
    });
    fc.assert(
      fc.property(edit, ({ at, remove, put }) => {
        const changed = text.slice(0, at) + put + text.slice(at + remove);
        fc.pre(changed !== text);
        const verdict = verifyLedger(changed);
        expect(verdict.verdict).not.toBe("whole");
        const line = text.slice(0, at + 1).split("\n").length - (text[at] === "\n" ? 1 : 0);
        const entry = line - FIRST_ENTRY_LINE + 1;
        if (verdict.verdict === "changed" && entry >= 1 && entry <= 12)
          expect(verdict.problems[0]).toMatch(
            new RegExp(`\\b(entry|entries) ${entry}\\b|line (${line}|${line + 1})\\b|JSON|as an export`),
          );
      }),
      { seed: 11, numRuns: 600 },
    );
  });

  it("in a signature, also in the bits that base64 leaves unused", () => {
    const { signature } = bundle.statement;
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const last = alphabet[alphabet.indexOf(signature.at(-3)!) ^ 1]!;
    const twin = `${signature.slice(0, -3)}${last}==`;
    expect(Buffer.from(twin, "base64")).toEqual(Buffer.from(signature, "base64"));
    expect(verifyLedger(textOf({ ...bundle, statement: { ...bundle.statement, signature: twin } }))).toMatchObject({
      problems: [expect.stringMatching(/^the signature of the statement/)],
    });
  });
});

describe("any drop, swap or copy among entries, checkpoints, keys or attachments", () => {
  it("is seen", () => {
    const lists = ["entries", "checkpoints", "keys", "attachments"] as const;
    const change = fc.record({
      list: fc.constantFrom(...lists),
      how: fc.constantFrom("drop", "copy", "swap", "cut"),
      from: fc.nat(11),
      to: fc.nat(12),
    });
    fc.assert(
      fc.property(change, ({ list, how, from, to }) => {
        const items = [...bundle[list]] as unknown[];
        const at = from % items.length;
        if (how === "drop") items.splice(at, 1);
        if (how === "cut") items.splice(at);
        if (how === "copy") items.splice(to % (items.length + 1), 0, items[at]);
        if (how === "swap") [items[at], items[to % items.length]] = [items[to % items.length], items[at]];
        fc.pre(canonicalJson(items) !== canonicalJson(bundle[list]));
        expect(verifyLedger(textOf({ ...bundle, [list]: items } as Bundle)).verdict).toBe("changed");
      }),
      { seed: 12, numRuns: 150 },
    );
  });
});
