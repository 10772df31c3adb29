import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Signal } from "../../../src/incident/signal.ts";
import { openStores, type Stores } from "../../redis/open-stores.ts";
import { conclude, ended, newAgent, opened, paid, type Told } from "../observing.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());

const MINUTE_MS = 60_000;

/** What would contain somebody: which rule, and which trouble, without the agent's own name in it. */
const criticals = (signals: readonly Signal[]) =>
  [...new Set(signals.filter(({ severity }) => severity === "critical").map(({ why }) => why.rule))].sort();

/** The same events, each at least once, in any order. */
const shuffled = (told: readonly Told[]) =>
  fc
    .tuple(fc.shuffledSubarray([...told], { minLength: told.length }), fc.shuffledSubarray([...told]))
    .chain(([all, twice]) => fc.shuffledSubarray([...all, ...twice], { minLength: all.length + twice.length }));

/** The order they happened in, and another one. */
const inTwoOrders = (stories: fc.Arbitrary<readonly Told[]>) =>
  stories.chain((story) => {
    const straight = [...story].sort(([, a], [, b]) => a - b);
    return fc.record({ straight: fc.constant(straight), mixed: shuffled(straight) });
  });

/** Every event at a time of its own: of two at one moment nobody can say which came first. */
const times = (count: number, untilMs: number) =>
  fc.uniqueArray(fc.nat(untilMs), { minLength: count, maxLength: count });

/** One agent against one payee, within a minute and a half; its amounts may differ. */
const loops: fc.Arbitrary<readonly Told[]> = fc
  .integer({ min: 1, max: 14 })
  .chain((count) =>
    fc
      .tuple(
        times(count, 90_000),
        fc.array(fc.constantFrom("150.00", "150.00", "150.00", "620.00", "3.50"), { minLength: 14 }),
      )
      .map(([at, amounts]) => at.map((atMs, index) => opened(atMs, amounts[index]!, "flaky-upstream"))),
  );

/** Identical escrows, of which some settle some time later: a bulk purchase, a retry loop, or something between. */
const purchases: fc.Arbitrary<readonly Told[]> = fc.integer({ min: 8, max: 12 }).chain((count) =>
  fc.tuple(times(count * 2, 90_000), fc.array(fc.boolean(), { minLength: 12, maxLength: 12 })).map(([at, settles]) => {
    const sorted = [...at].sort((a, b) => a - b);
    const items = sorted.slice(0, count).map((atMs) => opened(atMs, "8.00", "paper-mill"));
    return [
      ...items,
      ...items.filter((_, i) => settles[i]).map((item, i) => ended(item, sorted[count + i]!, "released")),
    ];
  }),
);

/** Escrows to several payees, all opened before the first of them ends, one way or the other. */
const churns: fc.Arbitrary<readonly Told[]> = fc.integer({ min: 8, max: 14 }).chain((count) =>
  fc
    .tuple(
      times(count, MINUTE_MS),
      times(count, 50 * MINUTE_MS),
      fc.array(fc.constantFrom("refunded", "refunded", "settled", "held"), { minLength: 14 }),
    )
    .map(([begins, ends, states]) => {
      const all = begins.map((atMs, index) => opened(atMs, `${index + 1}.00`, `payee-${index % 4}`));
      const over = all.map((one, index) => ended(one, MINUTE_MS + ends[index]!, states[index]!));
      return [...all, ...over.filter((_, index) => states[index] !== "held")];
    }),
);

/** A minute of spending, by escrows and without, of an agent nobody knows. */
const spendings: fc.Arbitrary<readonly Told[]> = fc.integer({ min: 1, max: 10 }).chain((count) =>
  fc
    .tuple(
      times(count, 59_999),
      fc.array(fc.tuple(fc.integer({ min: 500, max: 6_000 }), fc.constantFrom("shop", "shop", "shop", "mill", null)), {
        minLength: 10,
      }),
    )
    .map(([at, payments]) =>
      at.map((atMs, index) => {
        const [dollars, payee] = payments[index]!;
        return payee === null
          ? paid(atMs, `-${dollars}.00`, `payment:int-${index}`)
          : opened(atMs, `${dollars}.00`, payee);
      }),
    ),
);

const standings: fc.Arbitrary<readonly Told[]> = fc
  .tuple(times(6, MINUTE_MS), fc.array(fc.constantFrom(0, 0.5, 0.6, 0.7, 0.85, null), { minLength: 6 }))
  .map(([at, scores]) => at.map((atMs, index): Told => ["reputation_reading", atMs, { score: scores[index] }]));

describe.each([
  ["a loop", loops, ["identical-escrows", "payee-concentration"]],
  ["a bulk purchase (D4)", purchases, ["identical-escrows"]],
  ["cancellations (D6)", churns, ["cancellation-rate"]],
  ["spending (D3)", spendings, ["cost-anomaly"]],
  ["a reputation (D2)", standings, ["reputation-drop"]],
] as const)("the events of %s, in whatever order they come and however often", (_, stories, rules) => {
  it("miss nothing that they conclude in the order they happened", async () => {
    const concluded = new Set<string>();
    await fc.assert(
      fc.asyncProperty(inTwoOrders(stories), async ({ straight, mixed }) => {
        const expected = criticals(await conclude(stores, newAgent(), straight));
        for (const rule of expected) concluded.add(rule);
        expect(criticals(await conclude(stores, newAgent(), mixed))).toEqual(expect.arrayContaining(expected));
      }),
      { seed: 7, numRuns: 25 },
    );
    // A property of stories in which nothing is ever concluded would hold of anything.
    expect([...concluded]).toEqual(expect.arrayContaining([...rules]));
  });

  it("leave the same behind: what is told once more concludes the same of it", async () => {
    await fc.assert(
      fc.asyncProperty(inTwoOrders(stories), async ({ straight, mixed }) => {
        const [one, other] = [newAgent(), newAgent()];
        await conclude(stores, one, straight);
        await conclude(stores, other, mixed);
        const again = async (agent: string) =>
          (await Promise.all(straight.map((told) => conclude(stores, agent, [told])))).map((signals) =>
            signals.map(({ kind, severity, occurredAt, why: { observed } }) => ({
              kind,
              severity,
              occurredAt,
              observed,
            })),
          );
        expect(await again(other)).toEqual(await again(one));
      }),
      { seed: 11, numRuns: 6 },
    );
  });
});

describe("spending measured by a history that comes in any order (D3)", () => {
  it("is found as soon as the history is complete, and not twice", async () => {
    const history = Array.from({ length: 12 }, (_, index) =>
      opened((index - 12) * MINUTE_MS, `${90 + index}.00`, `supplier-${index % 5}`),
    );
    const loss = [0, 1, 2].map((atMs) => opened(atMs, "300.00", "mallory"));
    await fc.assert(
      fc.asyncProperty(shuffled([...history, ...loss]), async (mixed) => {
        const signals = await conclude(stores, newAgent(), [...mixed, ...mixed.slice(0, 3)]);
        const anomalies = signals.filter(({ kind, severity }) => kind === "cost-anomaly" && severity === "critical");
        expect(new Set(anomalies.map(({ id }) => id)).size).toBe(1);
      }),
      { seed: 7, numRuns: 8 },
    );
  });
});
