import { describe, expect, it } from "vitest";
import { textTable } from "../../../src/cli/text-table.ts";
import { visible, visibleLines, visibly } from "../../../src/incident/visible.ts";

describe("what a terminal would obey", () => {
  it.each([
    ["a colour", "\u001b[31mred", "\\u001b[31mred"],
    ["a title", "\u001b]0;x\u0007", "\\u001b]0;x\\u0007"],
    ["an escape of one byte", "\u009b2J", "\\u009b2J"],
    ["a way back to the line's begin", "real\rfake", "real\\rfake"],
    ["a line", "a\nb\u2028c", "a\\nb\\u2028c"],
    ["a turn of the direction", "\u202egpj.exe", "\\u202egpj.exe"],
  ])("is seen: %s", (_, text, seen) => {
    expect(visible(text)).toBe(seen);
  });

  it("leaves every script, emoji and accent as it is", () => {
    for (const text of ["Zoë", "日本語", "👩‍🚀", "naïve – “quoted”"]) expect(visible(text)).toBe(text);
  });

  it("is seen in all of a view, and keeps the lines of a text that has some", () => {
    expect(visibly({ "k\r": ["\u001b", { n: 1n, none: null }] })).toEqual({
      "k\\r": ["\\u001b", { n: 1n, none: null }],
    });
    expect(visibleLines("a\r\n\u001bb")).toBe("a\\r\n\\u001bb");
  });

  it("makes no row and no colour of a table", () => {
    expect(textTable([["WHO"], ["a\nFAKE"], [{ text: "\u001b[31m", style: "red" }]]).split("\n")).toHaveLength(3);
  });
});
