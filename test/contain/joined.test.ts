import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sweepIncidents } from "../../src/contain/sweep.ts";
import type { Gateway } from "../../src/incident/gateway.ts";
import type { Signal } from "../../src/incident/signal.ts";
import { keys } from "../../src/redis/keys.ts";
import { aSignal } from "../redis/open-request.ts";
import { type QuietWorld, quietWorld } from "./quiet-world.ts";

let world: QuietWorld;
beforeEach(async () => {
  world = await quietWorld();
});
afterEach(() => world.close());

/** What the ledger was told of what is asked for since it was opened. */
const scopesOf = async (id: string) =>
  (await world.services.redis.lrange(keys.ledger(0, id), 0, -1)).filter((line) => line.includes('"what":"scope"'));
const statusOf = async (id: string) => (await world.services.incidents.load(id))?.status;

describe("a signal that says what one before it said of a contained agent", () => {
  const attention = (id: string) => world.services.redis.zscore(keys.attention(0), id).then(Number);
  const looksOf = async () => (await world.jobs("contain")).filter((id) => id.startsWith("contain-"));
  const again = async () => world.freeze(await world.handOver());

  it("leaves it contained, has no job of its own, and is looked at by the look that is due at once", async () => {
    const id = await world.contained();
    const before = await looksOf();
    expect(await again()).toMatchObject({ answer: "joined", incidentId: id });
    await again();
    expect(await looksOf()).toEqual(before);
    expect(await attention(id)).toBeLessThanOrEqual(await world.services.clock.now());
    expect(await world.services.incidents.load(id)).toMatchObject({ status: "contained", signalCount: 3 });
    await sweepIncidents(world.ports, 0);
    await sweepIncidents(world.ports, 0);
    expect((await world.jobs("contain")).filter((one) => one === `look-${id}`)).toHaveLength(1);
    await world.contain(id);
    const view = (await world.services.incidents.view(id))!;
    expect(view.timeline.filter(({ what }) => what === "contained")).toHaveLength(1);
    expect(view.timeline.filter(({ what }) => what === "signal-joined")).toHaveLength(2);
    // What is asked for has not changed, and the ledger need not say it anew.
    expect(await scopesOf(id)).toHaveLength(0);
    expect(await attention(id)).toBeGreaterThan(await world.services.clock.now());
  });

  it.each<[string, Partial<Signal>]>([
    ["another kind", { kind: "budget-exhaustion" }],
    ["another rule", { why: { ...aSignal().why, rule: "escrow-burst" } }],
    ["another payee", { suspectPayee: "fresh-face" }],
    ["a person's order", { kind: "containment-order" }],
  ])("but with %s has it read back and called contained anew, by a job of its own", async (_of, given) => {
    const id = await world.contained();
    const before = await looksOf();
    for (const times of [1, 2]) {
      const { signalId } = (await world.handOver(given)) as { signalId: string };
      await world.freeze({ eventId: null, agentId: "agent-7", signalId });
      const isNews = times === 1 || given.kind === "containment-order";
      expect(await scopesOf(id)).toHaveLength(isNews ? times : 1);
      expect(await statusOf(id)).toBe(isNews ? "containing" : "contained");
      expect(await looksOf()).toHaveLength(before.length + (isNews ? times : 1));
      await world.contain(id);
    }
  });

  it("while a look is under way is looked at once more after it", async () => {
    const id = await world.contained();
    const { gateway } = world.ports;
    let isTold = false;
    const readBudget: Gateway["readBudget"] = async (...args) => {
      const budget = await gateway.readBudget(...args);
      if (!isTold) await again();
      isTold = true;
      // The ticker meets the look that is under way: its own is not added, and the next one would be due in 10 s.
      await world.services.incidents.takeDue(0, 10_000, 10);
      return budget;
    };
    await world.contain(id, { gateway: { ...gateway, readBudget } });
    expect(await attention(id)).toBeLessThanOrEqual(await world.services.clock.now());
    await world.contain(id);
    expect(await attention(id)).toBeGreaterThan(await world.services.clock.now());
  });

  it("and comes while the first read-back is under way is looked at once more after that", async () => {
    const { incidentId } = await world.freeze(await world.handOver());
    const { gateway } = world.ports;
    const readBudget: Gateway["readBudget"] = async (...args) => {
      const budget = await gateway.readBudget(...args);
      await again();
      return budget;
    };
    expect(await world.contain(incidentId!, { gateway: { ...gateway, readBudget } })).toEqual({ answer: "contained" });
    expect(await attention(incidentId!)).toBeLessThanOrEqual(await world.services.clock.now());
  });

  it("and with money that got past the hold is a breach of it, and told as one", async () => {
    const id = await world.contained();
    await world.admin.holdEscrows("agent-7", "flaky-upstream", "150.00", 1);
    await again();
    await world.contain(id);
    expect(await world.services.incidents.load(id)).toMatchObject({ status: "contained", reassertions: 1 });
    expect(await world.jobs("notification")).toContain(`page-${id}-hold-breached`);
    expect((await world.services.incidents.view(id))!.dollars).toMatchObject({ recovered: "150.00", lost: "0.00" });
  });
});
