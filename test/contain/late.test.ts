import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type QuietWorld, quietWorld } from "./quiet-world.ts";

let world: QuietWorld;
beforeEach(async () => {
  world = await quietWorld();
});
afterEach(() => world.close());

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** The freeze job of a signal that is so old, by Redis's clock held still. */
async function freezeAged(ageMs: number, given: Parameters<QuietWorld["handOver"]>[0] = {}) {
  const now = await world.services.clock.now();
  const job = await world.handOver({ occurredAt: now - ageMs, ...given });
  const { answer } = await world.freeze(job, {
    silences: { ...world.ports.silences, current: async () => ({ now, silences: [] }) },
  });
  return { answer, event: await world.services.inbox.load((job as { eventId: string }).eventId) };
}

describe("a signal that comes late", () => {
  it("is acted on up to ten minutes old, without asking", async () => {
    expect((await freezeAged(10 * MINUTE)).answer).toBe("opened");
  });

  it("is only recorded when it is older, and the gateway no longer shows it", async () => {
    const { answer, event } = await freezeAged(10 * MINUTE + 1);
    expect(answer).toBe("stale");
    expect(event).toMatchObject({ disposition: "stale", reason: "late, and the gateway no longer shows it" });
    expect(await world.services.incidents.list(10)).toEqual([]);
    expect((await world.agent()).caps.daily).toBe("500.00");
  });

  it("is acted on when it is older, and money is still locked with the suspect", async () => {
    await world.admin.holdEscrows("agent-7", "honest", "1.00", 1);
    expect((await freezeAged(2 * HOUR)).answer).toBe("stale");
    await world.admin.holdEscrows("agent-7", "flaky-upstream", "1.00", 1);
    expect((await freezeAged(2 * HOUR)).answer).toBe("opened");
  });

  it.each(["data-exfiltration", "suspicious-tool-sequence", "identity-compromise", "reputation-drift"] as const)(
    "about what no escrow shows is acted on: %s",
    async (kind) => {
      expect((await freezeAged(2 * HOUR, { kind })).answer).toBe("opened");
    },
  );

  it("without a suspect is acted on while anything is locked", async () => {
    await world.admin.holdEscrows("agent-7", "honest", "1.00", 1);
    expect((await freezeAged(2 * HOUR, { suspectPayee: null })).answer).toBe("opened");
  });

  it.each([
    [95, 94.9],
    [90, 89.9],
  ])(
    "about a budget is acted on while the budget is as used as its threshold of %d %% says",
    async (threshold, below) => {
      const why = {
        rule: "budget-threshold",
        ruleVersion: 1,
        sentence: "agent-7 has used 97 % of its budget",
        thresholds: { utilizationPct: threshold },
        observed: { utilizationPct: 97 },
        baseline: null,
        events: [],
      };
      const { gateway } = world.ports;
      const showing = async (utilizationPct: number) => {
        const occurredAt = (await world.services.clock.now()) - HOUR;
        const job = await world.handOver({ kind: "budget-exhaustion", suspectPayee: null, why, occurredAt });
        const readBudget: typeof gateway.readBudget = async (...args) => ({
          ...(await gateway.readBudget(...args)),
          utilizationPct,
        });
        return (await world.freeze(job, { gateway: { ...gateway, readBudget } })).answer;
      };
      expect(await showing(below)).toBe("stale");
      expect(await showing(threshold)).toBe("opened");
    },
  );

  it("is only recorded after a day, whatever the gateway shows", async () => {
    await world.admin.holdEscrows("agent-7", "flaky-upstream", "150.00", 5);
    const { answer, event } = await freezeAged(24 * HOUR + 1);
    expect(answer).toBe("stale");
    expect(event?.reason).toBe("older than 24 h");
    expect((await freezeAged(24 * HOUR)).answer).toBe("opened");
  });
});
