import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../src/incident/ledger.ts";
import { cut, jsonText, wellFormedJson } from "../../src/incident/well-formed.ts";

/** Halves, whole characters, what JSON escapes, and what looks like an escape and is none. */
const text = fc
  .array(fc.constantFrom("\ud83d", "\ude00", "\u{1F600}", "\\", "ud800", "\\ud800", '"', "\n", "\u0001", "a", "é"))
  .map((parts) => parts.join(""));
const value = fc.dictionary(text, fc.array(text));

function mended(given: Record<string, string[]>): Record<string, string[]> {
  const entries = Object.entries(given).map(([name, texts]) => [
    name.toWellFormed(),
    texts.map((one) => one.toWellFormed()),
  ]);
  return Object.fromEntries(entries);
}

describe("half a character", () => {
  it("in JSON that came becomes U+FFFD, in texts and in names; all else stays as it was", () => {
    fc.assert(
      fc.property(value, (given) => {
        expect(JSON.parse(jsonText(given))).toEqual(mended(given));
        expect(JSON.parse(canonicalJson(given))).toEqual(mended(given));
      }),
    );
  });

  it("is told from a whole one that is escaped, in either case of its digits", () => {
    expect(JSON.parse(wellFormedJson(String.raw`["\ud83d\uDE00 \uD83D", "\\ud83d", "\ude00\ud83d"]`))).toEqual([
      "\u{1F600} \ufffd",
      "\\ud83d",
      "\ufffd\ufffd",
    ]);
  });

  it("is never what cutting leaves, nor is more cut off than that half", () => {
    fc.assert(
      fc.property(text, fc.nat(12), (given, most) => {
        const whole = given.toWellFormed();
        const kept = cut(whole, most);
        expect(kept.isWellFormed() && whole.startsWith(kept)).toBe(true);
        expect(kept.length).toBeLessThanOrEqual(most);
        expect(kept.length).toBeGreaterThanOrEqual(Math.min(most - 1, whole.length));
      }),
    );
  });

  it("is no excuse for what JSON cannot say", () => {
    expect(() => jsonText(undefined)).toThrow(RangeError);
    expect(() => canonicalJson(undefined)).toThrow(RangeError);
  });
});
