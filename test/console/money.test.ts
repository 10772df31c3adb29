import { describe, expect, it } from "vitest";
import { isAmount, isZero, leftOf, moneyText, sumMoney } from "../../src/console/words/money.ts";

describe("money on a page", () => {
  it("is written with its cents and thousands apart, and never through a float", () => {
    expect(moneyText("46800.5")).toBe("$46,800.50");
    expect(moneyText("9007199254740993.01")).toBe("9007199254740993.01");
    expect(moneyText("900719925474099.01")).toBe("$900,719,925,474,099.01");
    expect(moneyText("0.00000001")).toBe("$0.00000001");
    expect(moneyText("-5")).toBe("−$5.00");
  });

  it("stays as it is where it is no amount", () => {
    expect(moneyText("not shown")).toBe("not shown");
    expect(moneyText("")).toBe("");
  });

  it("is summed and taken apart exactly", () => {
    expect(sumMoney(["0.10", "0.20"])).toBe("0.30");
    expect(sumMoney([])).toBe("0.00");
    expect(leftOf("1620.00", "1200.00", "20.00")).toBe("400.00");
  });

  it("is never less than nothing at risk: a gateway may pay back more than was locked", () => {
    expect(leftOf("10.00", "10.01")).toBe("0.00");
    expect(leftOf("10.00", "9.99")).toBe("0.01");
  });

  it("tells zero however it is written", () => {
    expect(["0", "0.00", "0.00000000"].every(isZero)).toBe(true);
    expect(["0.00000001", "", "none"].some(isZero)).toBe(false);
  });
});

describe("a cap that a person writes", () => {
  it.each(["500", "500.00", " 0 "])("is an amount: %j", (text) => expect(isAmount(text)).toBe(true));
  it.each(["", "-1", "-0", "1e3", "1e-20", "1,000", "$5", "many"])("is none: %j", (text) =>
    expect(isAmount(text)).toBe(false),
  );
});
