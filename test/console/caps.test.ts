import { describe, expect, it } from "vitest";
import { capsText, capsTold, mustSay } from "../../src/console/words/caps.ts";

type Known = NonNullable<Parameters<typeof mustSay>[0]>;
const caps = (more: Partial<Known> = {}): Known => ({
  ...{ isTaken: true, before: { daily: "1000.00", monthly: null }, month: "known" },
  ...{ source: "gateway", seenAt: null },
  ...more,
});
const said = (more: Partial<Known>) => {
  const told = capsTold(caps(more));
  return told && `${told.caps}, ${told.source}`;
};

describe("the caps that come back, in words", () => {
  it("are a fact where the gateway showed them, and somebody's word otherwise", () => {
    expect(said({})).toBe("$1,000.00 a day and no cap a month, as the gateway showed them before the freeze");
    expect(said({ source: "said" })).toMatch(/, as a person said them$/);
    expect(said({ source: "configured" })).toMatch(/, as the settings say them, not confirmed by the gateway$/);
    expect(said({ source: "last-seen" })).toMatch(/, as last seen, not confirmed: they may have been others since$/);
    const seenAt = new Date(2026, 10, 22, 2, 40, 12).toISOString();
    expect(said({ source: "last-seen", seenAt })).toMatch(/, as last seen on 22 Nov at 02:40:12, not confirmed: /);
  });

  it("say of a month that is not shown where it is from", () => {
    const before = { daily: "500.00", monthly: "15000.00" };
    expect(said({ before, month: "reckoned" })).toMatch(
      /^\$500\.00 a day and \$15,000\.00 a month \(30 times the day's, since the gateway does not show it\),/,
    );
    expect(said({ before, month: "settings" })).toMatch(/\(as the settings say, since the gateway does not show it\),/);
    const none = { daily: null, monthly: null };
    expect(said({ before: none, month: "unknown" })).toMatch(/^no cap a day, and what a month nobody knows,/);
  });

  it("are asked for where only a person can know them", () => {
    expect(mustSay(caps())).toBe(false);
    expect(mustSay(caps({ before: null, source: null }))).toBe(true);
    expect(mustSay(caps({ month: "unknown" }))).toBe(true);
    expect(mustSay(caps({ isTaken: false, before: null }))).toBe(false);
    expect(mustSay(null)).toBe(false);
    expect(said({ before: null })).toBeNull();
  });

  it("of a step have none as none, and zero as zero", () => {
    expect(capsText({ daily: "0.00", monthly: null })).toBe("$0.00 a day and no cap a month");
  });
});
