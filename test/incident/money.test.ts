import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addMoney, formatMoney, type Money, money, parseMoney, percentOf } from "../../src/incident/money.ts";

const largest = 10n ** 23n - 1n;
const amounts = fc.bigInt({ min: -largest, max: largest }).map((units) => units as Money);
const fraction = (digits: string) => (digits === "" ? "" : `.${digits}`);
const decimals = fc
  .tuple(fc.constantFrom("", "-"), fc.bigInt({ min: 0n, max: 10n ** 15n - 1n }), fc.stringMatching(/^\d{0,8}$/))
  .map(([sign, whole, digits]) => `${sign}${whole}${fraction(digits)}`);

describe("an amount of money", () => {
  it("written and read again is the same amount", () => {
    fc.assert(
      fc.property(amounts, (amount) => {
        expect(parseMoney(formatMoney(amount))).toBe(amount);
      }),
      { seed: 7 },
    );
  });

  it("read and written again names the same decimal, with two places at least and no idle zeros", () => {
    fc.assert(
      fc.property(decimals, (text) => {
        const written = formatMoney(money(text));
        expect(written).toMatch(/^-?\d+\.(\d\d|\d{2,7}[1-9])$/);
        const [whole, places = ""] = text.replace("-", "").split(".");
        const units = BigInt(whole!) * 10n ** 8n + BigInt(places.padEnd(8, "0"));
        expect(money(text)).toBe(text.startsWith("-") ? -units : units);
        expect(written === "-0.00").toBe(false);
      }),
      { seed: 7 },
    );
  });

  it("past the eighth decimal is rounded, half away from zero", () => {
    expect(["0.000000005", "0.0000000049999", "-0.000000005", "0.999999995"].map((text) => money(text))).toEqual([
      1n,
      0n,
      -1n,
      100_000_000n,
    ]);
  });

  it.each([
    ["1e-8", 1n],
    ["1e-7", 10n],
    ["1.5e-7", 15n],
    ["1.23456789E+2", 12_345_678_900n],
    ["1e2", 10_000_000_000n],
    ["-2.5e-1", -25_000_000n],
    ["1e-20", 0n],
    ["0e+5", 0n],
  ])("may be written with an exponent: %s", (text, units) => {
    expect(parseMoney(text)).toBe(units);
  });

  it.each([
    [0.1, "0.10"],
    [150, "150.00"],
    [847.75, "847.75"],
    [1e-8, "0.00000001"],
    [-0, "0.00"],
    [0.1 + 0.2, "0.30"],
    [999_999_999_999_999, "999999999999999.00"],
  ])("as a JSON number is its shortest decimal: %d", (number, text) => {
    expect(formatMoney(money(number))).toBe(text);
  });

  it("as a JSON number is the same as its text, wherever a double holds it", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e15, max: 1e15 }), fc.integer({ min: 0, max: 8 }), (units, places) => {
        const number = units / 10 ** places;
        expect(parseMoney(number)).toBe(parseMoney(number.toFixed(places)));
      }),
      { seed: 7 },
    );
  });

  it.each([
    "",
    " ",
    ".",
    "1.",
    ".5",
    "+1",
    "1,5",
    "1 000",
    "0x10",
    "1e",
    "e5",
    "1e400",
    "NaN",
    "Infinity",
    "١",
    "--1",
    "1.2.3",
    "1e1.5",
    "1\n2",
    "1234567890123456",
  ])("is not named by %j", (text) => {
    expect(parseMoney(text)).toBeUndefined();
    expect(() => money(text)).toThrow(RangeError);
  });

  it.each([
    Number.NaN,
    Number.MAX_SAFE_INTEGER,
    Number.POSITIVE_INFINITY,
    2 ** 53,
    -(2 ** 53),
    true,
    null,
    undefined,
    {},
    [],
    ["1"],
    1n,
    new Date(0),
  ])("is not named by %s, which is no text and no number of up to fifteen digits", (value) => {
    expect(parseMoney(value)).toBeUndefined();
  });

  it("is refused or a whole number of units, whatever is read", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.double(), fc.anything()), (value) => {
        expect(["bigint", "undefined"]).toContain(typeof parseMoney(value));
      }),
      { seed: 7 },
    );
  });

  it("adds up exactly, in any order", () => {
    fc.assert(
      fc.property(fc.array(amounts), (parts) => {
        expect(addMoney(...parts)).toBe(addMoney(...parts.toReversed()));
        expect(addMoney(...parts)).toBe(parts.reduce((sum: bigint, part) => sum + part, 0n));
      }),
      { seed: 7 },
    );
    expect(formatMoney(addMoney(...Array.from({ length: 10 }, () => money("0.1"))))).toBe("1.00");
  });
});

describe("a share of an amount", () => {
  const positive = fc.bigInt({ min: 0n, max: largest }).map((units) => units as Money);
  const percent = fc.integer({ min: 0, max: 100 });

  it("is never a unit more than the share, nor a whole unit less", () => {
    fc.assert(
      fc.property(positive, percent, (amount, share) => {
        const part = percentOf(amount, share);
        expect(part * 100n <= amount * BigInt(share)).toBe(true);
        expect((part + 1n) * 100n > amount * BigInt(share)).toBe(true);
      }),
      { seed: 7 },
    );
  });

  it("grows with the percentage, and ends at the amount", () => {
    fc.assert(
      fc.property(positive, percent, percent, (amount, one, other) => {
        const [less, more] = [Math.min(one, other), Math.max(one, other)];
        expect(percentOf(amount, less) <= percentOf(amount, more)).toBe(true);
        expect(percentOf(amount, 100)).toBe(amount);
      }),
      { seed: 7 },
    );
  });

  it("of a negative amount is floored too, not cut towards zero", () => {
    expect(percentOf(money("-0.00000001"), 50)).toBe(-1n);
    expect(percentOf(money("-100"), 50)).toBe(money("-50"));
  });

  it("is asked for in whole percent only", () => {
    expect(() => percentOf(money(1), 12.5)).toThrow(RangeError);
  });
});
