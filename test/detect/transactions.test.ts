import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { money } from "../../src/incident/money.ts";
import { isOutflow } from "../../src/incident/outflow.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { conclude, ended, named, newAgent, opened, paid, series } from "./observing.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());

const payments = (count: number, make: (index: number) => { amount: string; description: string }) =>
  series(count, 1_000, (atMs, index) => paid(atMs, make(index).amount, make(index).description));

describe("the rows of an agent's account (D3)", () => {
  it.each([
    ["a payment", "-10.00", "payment:int-1", true],
    ["a fee", "-2.25", "gateway:create_escrow", true],
    ["a withdrawal nobody describes", "-10.00", "", true],
    ["money for an escrow, which counts as the escrow's", "-150.00", "escrow_hold:a->b", false],
    ["a conversion between the agent's own currencies", "-10.00", "convert:USD->EUR", false],
    ["a refund", "150.00", "refund:int-1", false],
    ["a deposit", "500.00", "", false],
  ])("%s of %s", (_, amount, description, expected) => {
    expect(isOutflow(money(amount), description)).toBe(expected);
  });

  it("equal payments are a warning at most: nobody can tell a loop from a payroll there", async () => {
    const equal = payments(12, () => ({ amount: "-1000.00", description: "payment:int-1" }));
    expect(named(await conclude(stores, newAgent(), equal))).toEqual(["cost-anomaly/warning"]);
  });

  it("a batch of payments of many amounts is a warning at most", async () => {
    const batch = payments(30, (index) => ({ amount: `-${400 + index}.00`, description: `payment:int-${index}` }));
    expect(named(await conclude(stores, newAgent(), batch))).toEqual(["cost-anomaly/warning"]);
  });

  it("told of again by another event a row changes nothing", async () => {
    const twice = [paid(0, "-4000.00", "payment:a", "tx-same"), paid(0, "-4000.00", "payment:a", "tx-same")];
    expect(await conclude(stores, newAgent(), twice)).toEqual([]);
  });

  it("the refund of an escrow is a cancellation (D6), and one that timed out is none", async () => {
    const escrows = series(10, 1_000, (atMs, index) => opened(atMs, `${index + 1}.00`, "mallory", `esc-${index}`));
    const back = (word: string) =>
      series(6, 1_000, (atMs, index) => paid(60_000 + atMs, "1.00", `escrow_${word}:esc-${index}`));
    const signals = await conclude(stores, newAgent(), [...escrows, ...back("refund")]);
    expect(signals).toMatchObject([{ kind: "cancellation-rate", suspectPayee: "mallory" }]);
    expect(await conclude(stores, newAgent(), [...escrows, ...back("expired")])).toEqual([]);
  });

  it("a refund that the webhook told of too counts once", async () => {
    const escrows = series(10, 1_000, (atMs, index) => opened(atMs, `${index + 1}.00`, "mallory", `esc-${index}`));
    const both = escrows
      .slice(0, 5)
      .flatMap((one, index) => [ended(one, 60_000, "refunded"), paid(60_500, "1.00", `escrow_refund:esc-${index}`)]);
    expect(await conclude(stores, newAgent(), [...escrows, ...both])).toEqual([]);
  });
});

describe("a bulk purchase of identical items", () => {
  const items = series(10, 5_000, (atMs, index) => opened(atMs, "89.00", "paper-mill", `crate-${index}`));

  it("is none of our business where each item is settled as it is delivered", async () => {
    const delivered = items.map((item, index) => ended(item, index * 5_000 + 12_000, "released"));
    const inTime = [...items, ...delivered].sort(([, a], [, b]) => a - b);
    expect(await conclude(stores, newAgent(), inTime)).toEqual([]);
  });

  it("is told from a retry loop by nothing else: unsettled, refunded or timed out it is one", async () => {
    expect(named(await conclude(stores, newAgent(), items))).toEqual(["escrow-burst/critical"]);
    const back = items.map((item, index) => ended(item, index * 5_000 + 12_000, "expired"));
    const inTime = [...items, ...back].sort(([, a], [, b]) => a - b);
    expect(named(await conclude(stores, newAgent(), inTime))).toEqual(["escrow-burst/critical"]);
  });

  it("counts for the concentration on its payee all the same (D5)", async () => {
    const many = series(11, 20_000, (atMs, index) => opened(atMs, "89.00", "paper-mill", `sheet-${index}`));
    const delivered = many.map((item, index) => ended(item, index * 20_000 + 12_000, "released"));
    const inTime = [...many, ...delivered].sort(([, a], [, b]) => a - b);
    expect(named(await conclude(stores, newAgent(), inTime))).toEqual(["payee-concentration/critical"]);
  });
});
