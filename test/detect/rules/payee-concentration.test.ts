import { describe, expect, it } from "vitest";
import { payeeConcentration } from "../../../src/detect/rules/payee-concentration.ts";
import { defaultThresholds } from "../../../src/settings/thresholds.ts";
import { around, escrows, noon, windowOf } from "./windows.ts";

const find = (entries: ReturnType<typeof escrows>) => payeeConcentration.find(windowOf(entries), defaultThresholds);

describe("escrows of one payer to one payee (D5)", () => {
  it("are too many over 10 in 5 minutes, whatever their amounts", () => {
    expect(find(escrows(10, { amount: around(40) }))).toBeNull();
    expect(find(escrows(11, { amount: around(40) }))).toMatchObject({
      severity: "critical",
      suspectPayee: "flaky-upstream",
      thresholds: { count: 10, windowMs: 300_000 },
      observed: { count: 11, payee: "flaky-upstream" },
    });
  });

  it("count for 5 minutes to the last millisecond and no longer", () => {
    expect(find(escrows(11, { everyMs: 30_000 }))).not.toBeNull();
    expect(find([...escrows(10, { everyMs: 30_000 }), ...escrows(1, { from: noon + 300_001 })])).toBeNull();
  });

  it("to different payees are nobody's concentration", () => {
    expect(find(escrows(40, { payee: (index) => `payee-${index % 4}` }))).toBeNull();
  });

  it("name the payee with the most in 5 minutes, not the one with the most in all", () => {
    const slow = escrows(16, { payee: "regular", everyMs: 40_000 });
    const finding = find([...slow, ...escrows(11, { payee: "suspect" })]);
    expect(finding).toMatchObject({ suspectPayee: "suspect", observed: { count: 11, total: "1650.00" } });
  });
});
