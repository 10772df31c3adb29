import { describe, expect, it } from "vitest";
import { at, clock, exact, relative } from "../../src/console/words/time.ts";

const now = Date.parse("2026-11-22T02:47:13.500Z");

describe("a time on a page", () => {
  it.each([
    [0, "just now"],
    [9_999, "just now"],
    [10_000, "10 s ago"],
    [59_999, "59 s ago"],
    [60_000, "1 min ago"],
    [3_599_999, "59 min ago"],
    [3_600_000, "1 h ago"],
    [86_400_000, "1 d ago"],
    [-9_999, "in a moment"],
    [-10_000, "in 10 s"],
    [-300_000, "in 5 min"],
    [-7_200_000, "in 2 h"],
    [-21_581_000, "in 5 h 59 min"],
  ])("%i ms ago is %j", (ms, text) => expect(relative(now - ms, now)).toBe(text));

  it("is exact on demand: by the reader's clock, and by UTC beside it", () => {
    expect(exact(now, "Europe/Berlin")).toBe("22 Nov, 03:47:13 your time, 2026-11-22 02:47:13 UTC");
  });

  it("is said once where the reader's clock is UTC", () => {
    expect(exact(now, "UTC")).toBe("2026-11-22 02:47:13 UTC");
  });

  it("has a clock of 24 hours, also at midnight", () => {
    expect(clock(Date.parse("2026-11-22T00:00:00Z"), { zone: "UTC" })).toBe("00:00:00");
    expect(clock(now, { zone: "UTC", seconds: false })).toBe("02:47");
  });

  it("is none where there is none", () => {
    expect(at(null)).toBe(null);
    expect(at(undefined)).toBe(null);
  });
});
