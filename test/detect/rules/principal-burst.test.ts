import { describe, expect, it } from "vitest";
import { principalBurst } from "../../../src/detect/rules/principal-burst.ts";
import { defaultThresholds } from "../../../src/settings/thresholds.ts";
import { around, escrows, MINUTE_MS, noon, windowOf } from "./windows.ts";

type Entries = ReturnType<typeof escrows>;
const find = (entries: Entries, before: readonly string[] = []) =>
  principalBurst.find(windowOf(entries, before), defaultThresholds);
/** Eight amounts that sum up to `total` dollars. */
const eightOf = (total: number): Entries => [
  ...escrows(7, { amount: "600.00" }),
  ...escrows(1, { from: noon + 7_000, amount: `${total - 4_200}.00` }),
];
const minutes = (count: number, amount: string) => Array.from({ length: count }, () => amount);

describe("principal locked within a minute, of an agent we hardly know (D4)", () => {
  it("is a burst above the cold-start limit, and not at it", () => {
    expect(find(eightOf(5_000))).toBeNull();
    expect(find(eightOf(5_001))).toMatchObject({
      severity: "critical",
      suspectPayee: "flaky-upstream",
      thresholds: { limitPerMinute: "5000.00", minimumCount: 8, topPayeeShare: 0.8 },
      observed: { count: 8, total: "5001.00", topPayee: "flaky-upstream", topPayeeShare: 1 },
      baseline: { kind: "cold-start", samples: 0, minimumSamples: 10 },
    });
  });

  it("is none below 8 escrows, however large they are", () => {
    expect(find(escrows(7, { amount: around(50_000) }))).toBeNull();
    expect(find(escrows(8, { amount: around(50_000) }))).not.toBeNull();
  });

  it("is none where it is spread over more than a minute", () => {
    expect(find(escrows(8, { amount: around(900), everyMs: 60_000 / 7 }))).not.toBeNull();
    expect(find(escrows(8, { amount: around(900), everyMs: 60_000 / 7 + 1 }))).toBeNull();
  });
});

describe("principal that goes to several payees", () => {
  const split = (toTop: number, toOther: number) => [
    ...escrows(8, { amount: `${toTop / 8}.00` }),
    ...escrows(4, { payee: (index) => `other-${index}`, amount: `${toOther / 4}.00` }),
  ];

  it("is a burst from 80 % to one of them", () => {
    expect(find(split(8_000, 2_000))?.observed).toMatchObject({ topPayee: "flaky-upstream", topPayeeShare: 0.8 });
    expect(find(split(8_000, 2_020))).toBeNull();
  });
});

describe("principal of an agent we know", () => {
  it("is measured against its own minutes from the 10th sample on", () => {
    const busy = escrows(8, { amount: around(900) });
    expect(find(busy, minutes(9, "5000.00"))?.baseline).toMatchObject({ kind: "cold-start", samples: 9 });
    expect(find(busy, minutes(10, "5000.00"))).toBeNull();
  });

  it("is a burst above four times the limit of its minutes, and not at it", () => {
    // Ten even minutes of 100.00: MAD 0, so the limit is 1.5 x the median, and four times that is 600.00.
    const even = minutes(10, "100.00");
    expect(find(escrows(8, { amount: "75.00" }), even)).toBeNull();
    expect(find(escrows(8, { amount: "75.01" }), even)).toMatchObject({
      thresholds: { limitPerMinute: "600.00", principalPerMinuteFactor: 4 },
      observed: { total: "600.08", z: 30 },
      baseline: { kind: "robust", samples: 10, median: "100.00", mad: "0.00" },
    });
  });

  it("is not excused by the minutes of the burst itself, nor by those after it", () => {
    const burst = escrows(8, { amount: "80.00" });
    const later = escrows(9, { from: noon + 3 * MINUTE_MS, everyMs: 30_000, amount: "9000.00", payee: "elsewhere" });
    expect(find([...burst, ...later], minutes(10, "100.00"))?.baseline).toMatchObject({ samples: 10 });
  });
});

describe("a burst beside a minute of many small escrows", () => {
  it("is found all the same: money counts here, not the number of escrows", () => {
    const small = escrows(20, { from: noon - 3 * MINUTE_MS, amount: around(6), payee: "flaky-upstream" });
    const burst = escrows(8, { amount: around(900) });
    expect(find([...small, ...burst])?.observed).toMatchObject({ count: 8 });
  });
});
