import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { moneyRules } from "../../../src/detect/rules/index.ts";
import { windowSignals } from "../../../src/detect/window-signals.ts";
import type { OpenedEscrow, WindowView } from "../../../src/incident/windows.ts";
import { defaultThresholds } from "../../../src/settings/thresholds.ts";
import { openStores, type Stores } from "../../redis/open-stores.ts";
import { noon } from "./windows.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());

let agents = 0;
/** Delivers in this order, as the cascade worker does; answers every conclusion drawn on the way, and the window at the end. */
async function deliver(agentId: string, entries: readonly OpenedEscrow[]) {
  const concluded = new Set<string>();
  let view: WindowView | undefined;
  for (const entry of entries) {
    view = await stores.windows.observeEscrow(agentId, entry);
    for (const { id, kind } of windowSignals("agent-7", view, moneyRules, defaultThresholds))
      concluded.add(`${kind} ${id}`);
  }
  return { concluded: [...concluded].sort(), view: view! };
}
const newAgent = () => {
  agents += 1;
  return `agent-${agents}`;
};

/** A loop of one agent against one payee, within four minutes; its amounts may differ, its times may coincide. */
const runs = fc
  .array(
    fc.record({
      atMs: fc.nat(240_000),
      amount: fc.constantFrom("150.00", "150.00", "150.00", "620.00", "3.50"),
    }),
    { minLength: 1, maxLength: 14 },
  )
  .map((loop) =>
    loop.map(
      ({ atMs, amount }, index): OpenedEscrow => ({
        escrowId: `esc ${index}`,
        payee: "flaky upstream",
        amount,
        at: noon + atMs,
        eventId: `evt-0-${index}`,
      }),
    ),
  );
const deliveries = runs.chain((run) =>
  fc.record({
    run: fc.constant(run),
    shuffled: fc
      .tuple(fc.shuffledSubarray(run, { minLength: run.length }), fc.shuffledSubarray(run))
      .chain(([all, twice]) => fc.shuffledSubarray([...all, ...twice], { minLength: all.length + twice.length })),
  }),
);

describe("in whatever order the events of a run come, and however often", () => {
  it("they conclude the same signals and leave the same window", async () => {
    await fc.assert(
      fc.asyncProperty(deliveries, async ({ run, shuffled }) => {
        const inOrder = [...run].sort((a, b) => a.at - b.at);
        const straight = await deliver(newAgent(), inOrder);
        const newest = inOrder.at(-1)!;
        const mixed = await deliver(newAgent(), [...shuffled, newest]);
        expect(mixed.concluded).toEqual(straight.concluded);
        expect(mixed.view.entries).toEqual(straight.view.entries);
        expect(mixed.view.principalByMinute).toEqual(straight.view.principalByMinute);
      }),
      { seed: 7, numRuns: 60 },
    );
  });
});
