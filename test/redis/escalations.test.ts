import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type EscalationPolicy, isUnattended, nextLevel } from "../../src/incident/escalation.ts";
import type { Priority } from "../../src/incident/incident.ts";
import { runScript } from "../../src/redis/connection.ts";
import { keys, tagKey } from "../../src/redis/keys.ts";
import { readSettings } from "../../src/settings/settings.ts";
import { openRequest } from "./open-request.ts";
import { openStores, type Stores } from "./open-stores.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(() => stores.redis.flushdb().then(() => undefined));

const MINUTE = 60_000;
const usual = readSettings(undefined, {}).escalation;
const two: EscalationPolicy = {
  P0: [
    { afterMs: 5 * MINUTE, to: ["slack"] },
    { afterMs: 20 * MINUTE, to: ["webhook"] },
  ],
  P1: [{ afterMs: 15 * MINUTE, to: ["slack"] }],
};
const open = async (priority: Priority, more: Parameters<typeof openRequest>[1] = {}) =>
  (await stores.incidents.open(openRequest({}, { priority, escalation: two, ...more }))).incidentId;
const escalationOf = async (incidentId: string) => (await stores.incidents.load(incidentId))?.escalation ?? null;
const dueAt = async (incidentId: string) => {
  const score = await stores.redis.zscore(keys.escalations(0), incidentId);
  return score === null ? null : Number(score);
};
/** As if everything about this escalation had happened so much earlier. */
async function ago(incidentId: string, ms: number): Promise<void> {
  await stores.redis.hincrby(keys.incident(0, incidentId), "escalationSince", -ms);
  await stores.redis.zadd(keys.escalations(0), "XX", "INCR", -ms, incidentId);
}
const due = (lateMs = 0) => stores.escalations.due(0, lateMs, 10);
const tell = (incidentId: string, priority: Priority, level: number) =>
  stores.escalations.tell({ incidentId, priority, level }, ["slack"], { level });
/** Minutes until the next level, rounded. */
const inMinutes = async (incidentId: string) => {
  const at = await dueAt(incidentId);
  return at === null ? null : Math.round((at - (await stores.clock.now())) / MINUTE);
};
const joins = (priority: Priority, more: Parameters<typeof openRequest>[1] = {}) => open(priority, more);
const lines = async (incidentId: string) =>
  (await stores.incidents.view(incidentId))!.timeline.map(({ what, detail }) => [what, detail] as const);
const whats = async (incidentId: string) => (await lines(incidentId)).map(([what]) => what);

describe("an incident that opens", () => {
  it.each([
    ["P0", 5],
    ["P1", 15],
  ] as const)("as %s escalates after %i minutes, not a moment before", async (priority, minutes) => {
    const incidentId = await open(priority, { escalation: usual });
    await ago(incidentId, minutes * MINUTE - 2_000);
    expect(await due()).toEqual([]);
    expect(await tell(incidentId, priority, 0)).toBe("early");
    await ago(incidentId, 2_000);
    expect(await due()).toEqual([{ incidentId, agentId: "agent-7", priority, level: 0 }]);
    expect(await tell(incidentId, priority, 0)).toBe("told");
    expect(await due()).toEqual([]);
  });

  it.each(["P2", "P3"] as const)("as %s wakes nobody", async (priority) => {
    expect(await dueAt(await open(priority, { escalation: usual }))).toBeNull();
  });

  it("keeps the policy of that moment, whatever the settings of a later one say", async () => {
    const incidentId = await open("P0");
    await joins("P0", { escalation: { P0: [{ afterMs: 1_000, to: ["webhook"] }] } });
    expect(await escalationOf(incidentId)).toMatchObject({ policy: two, priority: "P0", told: 0, reached: [] });
    expect(await inMinutes(incidentId)).toBe(5);
  });

  it("as a dry run wakes nobody, and as a real one from the moment it becomes one", async () => {
    const incidentId = await open("P0", { dryRun: true });
    expect([await escalationOf(incidentId), await dueAt(incidentId)]).toEqual([null, null]);
    await stores.incidents.setStatus(incidentId, "observed", "contain", {});
    await joins("P1");
    expect(await escalationOf(incidentId)).toMatchObject({ policy: two, priority: "P1" });
    expect(await inMinutes(incidentId)).toBe(15);
  });

  it("without a policy wakes nobody", async () => {
    const { incidentId } = await stores.incidents.open(openRequest());
    expect([await escalationOf(incidentId), await dueAt(incidentId)]).toEqual([null, null]);
    expect(await tell(incidentId, "P0", 0)).toBe("unknown");
  });
});

describe("each level", () => {
  it("has its own time, and is counted once", async () => {
    const incidentId = await open("P0");
    await ago(incidentId, 5 * MINUTE);
    const answers = await Promise.all(Array.from({ length: 5 }, () => tell(incidentId, "P0", 0)));
    expect(answers.sort()).toEqual(["told", ...Array(4).fill("told-before")]);
    expect(await tell(incidentId, "P0", 1)).toBe("early");
    expect(await inMinutes(incidentId)).toBe(15);
    await ago(incidentId, 15 * MINUTE);
    expect(await tell(incidentId, "P0", 1)).toBe("told");
    expect(await dueAt(incidentId)).toBeNull();
    expect(await whats(incidentId)).toEqual(["incident-opened", "escalated", "escalated"]);
    expect(await escalationOf(incidentId)).toMatchObject({ told: 2, reached: ["slack"] });
  });

  it("is not told before the one ahead of it, however late both are", async () => {
    const incidentId = await open("P0");
    await ago(incidentId, 60 * MINUTE);
    expect(await tell(incidentId, "P0", 1)).toBe("early");
    expect(await tell(incidentId, "P0", 0)).toBe("told");
    expect(await tell(incidentId, "P0", 1)).toBe("told");
  });
});

describe("a priority that is raised", () => {
  it("from one that wakes nobody begins the wait of the new one", async () => {
    const incidentId = await open("P2");
    await joins("P0");
    expect(await inMinutes(incidentId)).toBe(5);
  });

  it.each([
    [1, 5],
    [9, 5],
    [12, 3],
    [14, 1],
  ])("after %i of the 15 minutes of a P1 leaves %i: its own wait, never longer than before", async (waited, left) => {
    const incidentId = await open("P1");
    await ago(incidentId, waited * MINUTE);
    await joins("P0");
    expect(await inMinutes(incidentId)).toBe(left);
  });

  it("by a breach of the hold does the same", async () => {
    const incidentId = await open("P1");
    await stores.incidents.countBreach(incidentId, {});
    expect(await inMinutes(incidentId)).toBe(5);
    await ago(incidentId, MINUTE);
    await stores.incidents.countBreach(incidentId, {});
    expect(await inMinutes(incidentId)).toBe(4);
  });

  it("after the levels of the old one were told has its own told as well", async () => {
    const incidentId = await open("P1");
    await ago(incidentId, 15 * MINUTE);
    expect(await tell(incidentId, "P1", 0)).toBe("told");
    await joins("P0");
    expect(await inMinutes(incidentId)).toBe(5);
    // The job of the old level may come again after a crash: what was counted is told.
    expect(await tell(incidentId, "P1", 0)).toBe("told-before");
    await ago(incidentId, 5 * MINUTE);
    expect(await tell(incidentId, "P0", 0)).toBe("told");
  });

  it("before the old level was told has the new one told in its place", async () => {
    const incidentId = await open("P1");
    await ago(incidentId, 16 * MINUTE);
    await joins("P0");
    expect(await tell(incidentId, "P1", 0)).toBe("raised");
    expect(await tell(incidentId, "P0", 0)).toBe("told");
  });

  it("to one that wakes nobody leaves what was booked", async () => {
    const incidentId = await open("P1", { escalation: { P1: two.P1!, P0: [] } });
    await joins("P0");
    expect(await inMinutes(incidentId)).toBe(15);
    await ago(incidentId, 15 * MINUTE);
    expect(await tell(incidentId, "P1", 0)).toBe("told");
  });
});

describe("whoever acknowledges", () => {
  it("has it: nothing is due any more, and it is in the timeline with who and when", async () => {
    const incidentId = await open("P0");
    await ago(incidentId, 5 * MINUTE);
    const { answer, by, at } = await stores.escalations.acknowledge(incidentId, "ada");
    expect([answer, by]).toEqual(["acknowledged", "ada"]);
    expect(await stores.incidents.load(incidentId)).toMatchObject({ acknowledged: { by: "ada", at } });
    expect([await due(), await dueAt(incidentId)]).toEqual([[], null]);
    expect(await tell(incidentId, "P0", 0)).toBe("in-hand");
    expect(await tell(incidentId, "P0", 0)).toBe("in-hand");
    expect(await whats(incidentId)).toEqual(["incident-opened", "acknowledged", "escalation-not-needed"]);
  });

  it("first keeps it, by name", async () => {
    const incidentId = await open("P0");
    const first = await stores.escalations.acknowledge(incidentId, "ada");
    const second = await stores.escalations.acknowledge(incidentId, "bob");
    expect(second).toEqual({ ...first, answer: "acknowledged-before" });
    expect(await whats(incidentId)).toEqual(["incident-opened", "acknowledged"]);
  });

  it("has it for good: what joins or breaks loose later escalates nothing", async () => {
    const incidentId = await open("P2");
    await stores.escalations.acknowledge(incidentId, "ada");
    await joins("P0");
    await stores.incidents.countBreach(incidentId, {});
    expect((await stores.incidents.load(incidentId))?.priority).toBe("P0");
    expect(await dueAt(incidentId)).toBeNull();
    await stores.redis.zadd(keys.escalations(0), 1, incidentId);
    expect([await due(), await tell(incidentId, "P0", 0)]).toEqual([[], "in-hand"]);
  });

  it("what is over, or unknown, is told so", async () => {
    const incidentId = await open("P0");
    await stores.incidents.setStatus(incidentId, "stood-down", "recover", {});
    const nobody = { by: "", at: 0 };
    expect(await stores.escalations.acknowledge(incidentId, "ada")).toEqual({ answer: "over", ...nobody });
    expect(await stores.escalations.acknowledge("inc-0-none-1", "ada")).toEqual({ answer: "unknown", ...nobody });
  });

  it("may have any name that is text", async () => {
    const incidentId = await open("P0");
    const by = 'Ada "the duke" \\ Łukasz\n\u0001';
    await stores.escalations.acknowledge(incidentId, by);
    expect((await lines(incidentId)).at(-1)).toEqual(["acknowledged", { by }]);
  });
});

describe("somebody has it as well who", () => {
  it("asked for stand-down", async () => {
    const incidentId = await open("P0");
    await ago(incidentId, 5 * MINUTE);
    await stores.incidents.beginStandDown(incidentId, "bob", "planned");
    expect(await due()).toEqual([]);
    expect(await stores.incidents.load(incidentId)).toMatchObject({ acknowledged: { by: "bob" } });
    expect(await stores.escalations.acknowledge(incidentId, "ada")).toMatchObject({
      answer: "acknowledged-before",
      by: "bob",
    });
  });

  it("asked for recovery", async () => {
    const incidentId = await open("P0");
    await ago(incidentId, 5 * MINUTE);
    const recovery = { by: "eve", change: 1 };
    const change = (from: string, to: string) =>
      runScript(stores.redis, "changeRecovery", tagKey(0), [incidentId, from, to, "detected", "asked", "{}", "{}"]);
    await change("", JSON.stringify(recovery));
    expect(await due()).toEqual([]);
    expect(await stores.escalations.acknowledge(incidentId, "ada")).toMatchObject({
      answer: "acknowledged-before",
      by: "eve",
    });
    // A gate refused it: she still has it.
    await change("1", "");
    expect(await tell(incidentId, "P0", 0)).toBe("in-hand");
  });

  it("and what is over needs nobody", async () => {
    const incidentId = await open("P0");
    await ago(incidentId, 5 * MINUTE);
    await stores.incidents.setStatus(incidentId, "stood-down", "recover", {});
    expect(await due()).toEqual([]);
    expect(await tell(incidentId, "P0", 0)).toBe("in-hand");
  });
});

describe("a level that nobody told", () => {
  it("is missed from 60 s after its time, noted once, and said aloud once a minute", async () => {
    const incidentId = await open("P0");
    const level = { incidentId, priority: "P0", level: 0 } as const;
    const miss = () => stores.escalations.miss(level, MINUTE, MINUTE);
    await ago(incidentId, 6 * MINUTE - 2_000);
    expect([await due(MINUTE), await miss(), await stores.escalations.overdue(MINUTE)]).toEqual([[], false, 0]);
    await ago(incidentId, 2_000);
    expect([(await due(MINUTE)).length, await miss(), await stores.escalations.overdue(MINUTE)]).toEqual([1, true, 1]);
    expect(await miss()).toBe(false);
    await stores.redis.hincrby(keys.incident(0, incidentId), "escalationMissedAt", -MINUTE);
    expect(await miss()).toBe(true);
    expect(await whats(incidentId)).toEqual(["incident-opened", "escalation-missed"]);
    expect(await tell(incidentId, "P0", 0)).toBe("told");
    expect([await miss(), await stores.escalations.overdue(MINUTE)]).toEqual([false, 0]);
  });
});

describe("many incidents of one trouble", () => {
  const level = (incidentId: string) => ({ incidentId, priority: "P0", level: 0 }) as const;
  const claim = (incidentId: string, since: number) => stores.escalations.claimFor("cas-1", level(incidentId), since);

  it("have one that tells a level; asked again it is the same", async () => {
    const now = await stores.clock.now();
    expect(await Promise.all([claim("inc-0-a-1", now), claim("inc-0-a-1", now)])).toEqual(["inc-0-a-1", "inc-0-a-1"]);
    expect(await claim("inc-0-b-1", now)).toBe("inc-0-a-1");
    expect(await stores.escalations.claimFor("cas-2", level("inc-0-b-1"), now)).toBe("inc-0-b-1");
  });

  it("have another that tells it where its wait began after that, or the first one gave it back", async () => {
    const now = await stores.clock.now();
    await claim("inc-0-a-1", now);
    expect(await claim("inc-0-c-1", now + MINUTE)).toBe("inc-0-c-1");
    await stores.escalations.releaseFor("cas-1", level("inc-0-a-1"));
    expect(await claim("inc-0-b-1", now)).toBe("inc-0-c-1");
    await stores.escalations.releaseFor("cas-1", level("inc-0-c-1"));
    expect(await claim("inc-0-b-1", now)).toBe("inc-0-b-1");
  });
});

describe("what people are shown", () => {
  it("is the very level that is due, at its very time, and none where none is", async () => {
    const acts = {
      raise: (id: string) => joins("P0").then(() => id),
      breach: (id: string) => stores.incidents.countBreach(id, {}),
      wait: (id: string) => ago(id, 6 * MINUTE),
      tell: async (id: string) => {
        const [one] = await due();
        if (one) await stores.escalations.tell(one, ["slack"], {});
        return id;
      },
      acknowledge: (id: string) => stores.escalations.acknowledge(id, "ada"),
      standDown: (id: string) => stores.incidents.beginStandDown(id, "bob", "planned"),
      close: (id: string) => stores.incidents.setStatus(id, "stood-down", "recover", {}),
    };
    const names = Object.keys(acts) as (keyof typeof acts)[];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("P0", "P1", "P2"),
        fc.array(fc.constantFrom(...names), { maxLength: 8 }),
        async (priority: Priority, asked) => {
          await stores.redis.flushdb();
          const incidentId = await open(priority);
          for (const name of asked) {
            await acts[name](incidentId);
            // Asking for what is due takes away what somebody has.
            await due(-1_000 * MINUTE);
            const incident = (await stores.incidents.load(incidentId))!;
            const next = nextLevel(incident);
            expect(next?.at ?? null, `${priority} ${asked.join(" ")}`).toBe(await dueAt(incidentId));
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
        const incidentId = await open("P0");
        await ago(incidentId, 60 * MINUTE);
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
              const answer = await tell(incidentId, "P0", level);
              if (asked && answer !== "in-hand") late.push(answer);
            }),
          ),
        );
        await scheduler.waitAll();
        await Promise.all([acknowledge, ...told.flat()]);
        expect(late).toEqual([]);
        const what = await whats(incidentId);
        expect(what.slice(what.indexOf("acknowledged"))).not.toContain("escalated");
        expect(what.filter((one) => one === "escalated")).toHaveLength((await escalationOf(incidentId))!.told);
      }),
      { numRuns: 40, seed: 4 },
    );
  });
});
