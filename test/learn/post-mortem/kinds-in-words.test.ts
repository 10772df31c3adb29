import { describe, expect, it } from "vitest";
import { sentenceOf, withDollars } from "../../../src/learn/post-mortem/kinds-in-words.ts";
import { theLoop } from "./an-incident.ts";

describe("a rule's own sentence in a post-mortem", () => {
  const { why } = theLoop();
  const said = "8 escrows of $150.00 to flaky-upstream within 15 s, $1,200.00 in all: a retry loop.";

  it("has dollars, also where the rule was of a version that wrote bare amounts", () => {
    expect(sentenceOf(why)).toBe(said);
    expect(sentenceOf({ ...why, sentence: why.sentence.replaceAll("$", "").replace(",200", "200") })).toBe(said);
  });

  it("has the sign once, whatever stands behind a comma of it", () => {
    expect(sentenceOf({ ...why, observed: { total: "200.00" } })).toBe(said);
    expect(withDollars("$1,200.00 and 200.00")).toBe("$1,200.00 and $200.00");
  });
});
