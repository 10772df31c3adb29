import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { type Act, type Mutate, play } from "./agent-state.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());

const always = (weight: number, ...some: readonly Act[]) => ({ weight, arbitrary: fc.constantFrom(...some) });
const sequences = fc.array(
  fc.oneof(
    always(4, "open", "plan"),
    always(3, "close", "fire", "work"),
    always(2, "land"),
    always(1, "crash", "crash-after-land", "lift", "tick"),
  ),
  { minLength: 1, maxLength: 10 },
);

/** The raise is let through, and still counts as on its way. */
const noGate: Mutate = (real) => ({
  mayRaise: async (agentId, epoch, options) => (await real.mayRaise(agentId, epoch, options)) || !options.forget,
  async beginRaise(agentId, epoch, raise) {
    await real.beginRaise(agentId, epoch, raise);
    return { answer: "go", waitMs: 0 };
  },
});
const noSettle: Mutate = (real) => ({
  async settleRaise(agentId, epoch, raise) {
    await real.settleRaise(agentId, epoch, raise);
    await real.endLowering(agentId, raise.token);
    return "stands";
  },
});

const holdsMeanNoMoney = (mutate: Mutate) =>
  fc.asyncProperty(sequences, async (sequence) => {
    expect((await play(stores, sequence, mutate)).join("; ")).toBe("");
  });

describe("whatever opens, is called off, is recovered, fires, lands late, crashes, is lifted and looked after, in any order", () => {
  it("an agent that is held has a cap of 0, one that is free never more than its rung, and no raise leaves while it is held (G9)", async () => {
    await fc.assert(
      holdsMeanNoMoney(() => ({})),
      { seed: 7, numRuns: 40 },
    );
  });

  it.each([
    [
      "the gate and the look after the raise were both gone",
      (real) => ({ ...noGate(real), ...noSettle(real) }),
      "held",
    ],
    ["the look after the raise were gone", noSettle, "held, and yet it can spend"],
    ["the gate were gone", noGate, "a raise left while the agent was held"],
  ] as [string, Mutate, string][])("would show if %s", async (_what, mutate, expected) => {
    const { failed, errorInstance } = await fc.check(holdsMeanNoMoney(mutate), {
      seed: 7,
      numRuns: 400,
      endOnFailure: true,
    });
    expect(failed).toBe(true);
    expect(String(errorInstance)).toContain(expected);
  });
});
