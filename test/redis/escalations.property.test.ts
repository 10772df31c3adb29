import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { isUnattended, nextLevel } from "../../src/incident/escalation.ts";
import type { Priority } from "../../src/incident/incident.ts";
import { escalating, MINUTE } from "./escalating.ts";
import { openStores, type Stores } from "./open-stores.ts";

let stores: Stores;
let act: ReturnType<typeof escalating>;
beforeAll(async () => {
  stores = await openStores();
  act = escalating(stores);
});
afterAll(() => stores.close());
beforeEach(() => stores.redis.flushdb().then(() => undefined));

describe("what people are shown", () => {
  it("is the very level that is due, at its very time, and none where none is", async () => {
    const deeds = {
      raise: (id: string) => act.joins("P0").then(() => id),
      breach: (id: string) => stores.incidents.countBreach(id, {}),
      wait: (id: string) => act.ago(id, 6 * MINUTE),
      tell: async (id: string) => {
        const [one] = await act.due();
        if (one) await stores.escalations.tell(one, ["slack"], {});
        return id;
      },
      acknowledge: (id: string) => stores.escalations.acknowledge(id, "ada"),
      standDown: (id: string) => stores.incidents.beginStandDown(id, "bob", "planned"),
      close: (id: string) => stores.incidents.setStatus(id, "stood-down", "recover", {}),
    };
    const names = Object.keys(deeds) as (keyof typeof deeds)[];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("P0", "P1", "P2"),
        fc.array(fc.constantFrom(...names), { maxLength: 8 }),
        async (priority: Priority, asked) => {
          await stores.redis.flushdb();
          const incidentId = await act.open(priority);
          for (const name of asked) {
            await deeds[name](incidentId);
            // Asking for what is due takes away what somebody has.
            await act.due(-1_000 * MINUTE);
            const incident = (await stores.incidents.load(incidentId))!;
            const next = nextLevel(incident);
            expect(next?.at ?? null, `${priority} ${asked.join(" ")}`).toBe(await act.dueAt(incidentId));
            const hasIt = incident.acknowledged !== null || incident.closedAt !== null;
            expect(isUnattended(incident)).toBe(!hasIt && incident.priority !== "P2");
          }
        },
      ),
      { numRuns: 60, seed: 4 },
    );
  });
});

describe("an acknowledgement that races the timer", () => {
  it("lets no further level be counted once it has answered, in whatever order they arrive", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.nat(3), async (scheduler, tellers) => {
        await stores.redis.flushdb();
        const incidentId = await act.open("P0");
        await act.ago(incidentId, 60 * MINUTE);
        let isAcknowledged = false;
        const late: string[] = [];
        const acknowledge = scheduler.schedule(Promise.resolve("ack")).then(async () => {
          await stores.escalations.acknowledge(incidentId, "ada");
          isAcknowledged = true;
        });
        const told = Array.from({ length: tellers + 1 }, (_, one) =>
          [0, 1].map((level) =>
            scheduler.schedule(Promise.resolve(`tell ${one} ${level}`)).then(async () => {
              const asked = isAcknowledged;
              const answer = await act.tell(incidentId, "P0", level);
              if (asked && answer !== "in-hand") late.push(answer);
            }),
          ),
        );
        await scheduler.waitAll();
        await Promise.all([acknowledge, ...told.flat()]);
        expect(late).toEqual([]);
        const what = await act.whats(incidentId);
        expect(what.slice(what.indexOf("acknowledged"))).not.toContain("escalated");
        expect(what.filter((one) => one === "escalated")).toHaveLength((await act.escalationOf(incidentId))!.told);
      }),
      { numRuns: 40, seed: 4 },
    );
  });
});
