import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Disposition, dispositions } from "../../src/incident/event.ts";
import { aDelivery } from "./deliveries.ts";
import { openStores, type Stores } from "./open-stores.ts";

const PARTITIONS = 3;
let stores: Stores;
beforeAll(async () => {
  stores = await openStores(PARTITIONS);
});
afterAll(() => stores.close());

type Act =
  | { act: "deliver"; agent: number; event: number; decided: boolean }
  | { act: "dispose"; pick: number; as: Disposition };
const acts: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    act: fc.constant("deliver" as const),
    agent: fc.nat(4),
    event: fc.nat(3),
    decided: fc.boolean(),
  }),
  fc.record({ act: fc.constant("dispose" as const), pick: fc.nat(30), as: fc.constantFrom(...dispositions) }),
);

describe("whatever comes in, comes twice, is decided, or decided twice, in any partition", () => {
  it("accepted is dispositions plus pending, at every moment, and each word is counted where it was said first", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(acts, { maxLength: 25 }), async (sequence) => {
        await stores.redis.flushdb();
        const ids: string[] = [];
        const pending = new Set<string>();
        const known = new Set<string>();
        const counts = Object.fromEntries(dispositions.map((name) => [name, 0])) as Record<Disposition, number>;
        let accepted = 0;
        for (const act of sequence) {
          if (act.act === "deliver") {
            const name = `${act.agent}/${act.event}`;
            const { eventId, duplicate } = await stores.inbox.accept(
              aDelivery({
                agentId: act.agent === 0 ? null : `agent-${act.agent}`,
                identity: { by: "id", value: name },
                decided: act.decided ? { disposition: "ignored", reason: "ping" } : null,
                next: act.decided ? null : "correlate",
              }),
            );
            accepted += 1;
            expect(duplicate).toBe(known.has(name));
            if (duplicate) counts.duplicate += 1;
            else if (act.decided) counts.ignored += 1;
            else pending.add(eventId);
            known.add(name);
            ids.push(eventId);
          } else {
            const id = ids[act.pick % (ids.length || 1)] ?? "evt-1-never";
            expect(await stores.inbox.dispose(id, act.as, "")).toBe(pending.has(id));
            if (pending.delete(id)) counts[act.as] += 1;
          }
          const stats = await stores.inbox.stats();
          const disposed = Object.values(stats.dispositions).reduce((sum, count) => sum + count, 0);
          expect(stats.accepted).toBe(disposed + stats.pending);
          expect(stats).toMatchObject({ accepted, pending: pending.size, dispositions: counts });
        }
      }),
      { seed: 7, numRuns: 25 },
    );
  });
});
