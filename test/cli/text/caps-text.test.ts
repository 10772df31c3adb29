import { describe, expect, it } from "vitest";
import { capsLines } from "../../../src/cli/caps-text.ts";
import type { CapsToGiveBack } from "../../../src/recover/caps-to-give-back.ts";

const caps = (more: Partial<CapsToGiveBack> = {}): CapsToGiveBack => ({
  ...{ isTaken: true, before: { daily: "1000.00", monthly: null }, month: "known", rungs: [] },
  ...{ source: "gateway", isConfirmed: true, seenAt: "2026-11-22T02:47:00.000Z" },
  ...more,
});

describe("the caps that come back, in a terminal", () => {
  it("are a fact where the gateway showed them, and as last seen otherwise", () => {
    expect(capsLines(caps())).toEqual([
      "caps        $1,000.00 a day and no cap a month come back, as the gateway showed them before the freeze",
    ]);
    expect(capsLines(caps({ source: "last-seen", isConfirmed: false }))).toEqual([
      expect.stringMatching(/ come back, as last seen at 2026-11-22T02:47:00\.000Z, not confirmed: /),
    ]);
  });

  it("are to be said where nobody saw them, and no matter where nothing was taken", () => {
    expect(capsLines(caps({ before: null, source: null }))).toEqual([expect.stringMatching(/nobody saw them/)]);
    expect(capsLines(caps({ isTaken: false }))).toEqual([]);
    expect(capsLines(null)).toEqual([]);
  });
});
