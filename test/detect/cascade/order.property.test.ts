import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { joinCascade } from "../../../src/detect/cascade.ts";
import { openStores, type Stores } from "../../redis/open-stores.ts";
import { cascadePorts, cascadesOf, critical, decided, frozen, type RecordedPorts, warning } from "./fleet-ports.ts";

/** Four workers with a connection each, as four processes have. */
let workers: Stores[];
beforeAll(async () => {
  workers = await Promise.all([1, 2, 3, 4].map(() => openStores()));
});
afterAll(async () => {
  for (const worker of workers) await worker.close();
});

const MINUTE_MS = 60_000;
const signal = fc.record({
  agentId: fc.constantFrom("a", "b", "c", "d", "e", "f"),
  isCritical: fc.boolean(),
  minute: fc.integer({ min: -40, max: -1 }),
  z: fc.constantFrom(undefined, 2.5, 4, 9),
  total: fc.constantFrom("10.00", "4680.00"),
  suspectPayee: fc.constantFrom(null, null, "mallory", "a"),
});
const night = fc.array(signal, { minLength: 2, maxLength: 9 });
type Night = readonly (typeof night extends fc.Arbitrary<infer T> ? T : never)[number][];

/** The same signals to the given workers in the given order, some of them at the same time; what is left when all is done. */
async function play(signals: Night, order: readonly number[], atOnce: number) {
  const [first] = workers;
  await first!.redis.flushdb();
  const now = await first!.clock.now();
  const kept = await Promise.all(
    signals.map(({ agentId, isCritical, minute, z, total, suspectPayee }, index) => {
      const observed = { total, ...(z === undefined ? {} : { z }) };
      // A warning of more than ten minutes ago counts for nothing.
      const at = now + (isCritical ? minute : minute % 10) * MINUTE_MS;
      const given = isCritical ? critical(agentId, at, observed) : warning(agentId, at, observed);
      return decided(first!, { ...given, suspectPayee, id: `sig-${index}` });
    }),
  );
  const ports: RecordedPorts[] = workers.map((worker) => cascadePorts(worker));
  for (let next = 0; next < order.length; next += atOnce)
    await Promise.all(
      order
        .slice(next, next + atOnce)
        .map((index, lane) => joinCascade(ports[(next + lane) % ports.length]!, kept[index % kept.length]!)),
    );
  const left = await cascadesOf(first!);
  return {
    cascades: left.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
    frozen: [...new Set(ports.flatMap(frozen))].sort(),
  };
}

describe("whatever the order, the duplicates and the workers", () => {
  it("the same signals make the same cascades, the same members, the same root cause", async () => {
    await fc.assert(
      fc.asyncProperty(
        night.chain((signals) =>
          fc.tuple(
            fc.constant(signals),
            fc.shuffledSubarray([...signals.keys()], { minLength: signals.length }),
            fc.array(fc.nat({ max: signals.length - 1 }), { maxLength: 4 }),
            fc.integer({ min: 1, max: 4 }),
          ),
        ),
        async ([signals, order, again, atOnce]) => {
          const inOrder = await play(signals, [...signals.keys()], 1);
          expect(await play(signals, [...order, ...again], atOnce)).toEqual(inOrder);
          // Nobody is in two cascades for nothing, and nobody is frozen who is in none.
          expect(inOrder.frozen).toEqual([...new Set(inOrder.cascades.flatMap(({ members }) => members))].sort());
        },
      ),
      { seed: 11, numRuns: 30 },
    );
  }, 90_000);

  it("two workers that see the two halves of it at once make one cascade", async () => {
    for (let run = 0; run < 20; run += 1) {
      const alarm = { isCritical: true, minute: -1, z: undefined, total: "10.00", suspectPayee: null } as const;
      const pair = (["d", "e"] as const).map((agentId) => ({ ...alarm, agentId }));
      const { cascades } = await play(pair, [0, 1], 2);
      expect(cascades).toMatchObject([{ members: ["d", "e"] }]);
    }
  });
});
