import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { type RecoveringModel, recoveringModel } from "./recovering-model.ts";

let stores: Stores;
let one: RecoveringModel;
/** So many reads from now on show no caps at all. */
let blanks: number;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(async () => {
  one = await recoveringModel(stores);
  blanks = 0;
  const { readBudget } = one.model.gateway;
  one.model.gateway.readBudget = async (...args) => {
    const budget = await readBudget(...args);
    if (blanks === 0 || budget.dailyCap === 0n) return budget;
    blanks -= 1;
    return { ...budget, dailyCap: null, monthlyCap: null };
  };
});

describe("a gateway that shows no caps", () => {
  it("once, as the first rung is read back, contains nobody", async () => {
    blanks = 1;
    expect(await one.run()).toBe("rung-taken");
  });

  it("once, at a look, contains nobody", async () => {
    await one.run();
    blanks = 1;
    expect(await one.run()).toBe("standing");
    expect(blanks).toBe(0);
  });

  it("twice in a row is believed", async () => {
    await one.run();
    blanks = 2;
    expect(await one.run()).toBe("contained-anew");
  });
});
