import { afterEach, describe, expect, it } from "vitest";
import { AGENT, type Looks, openLooks } from "./looks.ts";

let looks: Looks;
afterEach(() => looks.close());

describe("a key with few calls an hour", () => {
  const fewCalls = (perHour: number) =>
    openLooks({
      settings: `fleet: { agents: [{ id: ${AGENT} }] }\ngateway: { callsPerHour: ${perHour * 2}, reserveShare: 0.5 }`,
    });
  const left = async (calls: number) => {
    const { redis, clock } = looks.world.services;
    await redis.hset("{tq:fleet}:calls:containment", "left", calls, "at", await clock.now());
  };

  it("pays for everything while it is not short", async () => {
    looks = await fewCalls(50);
    expect(await looks.look()).toMatchObject({ answer: "looked", leftOut: [], failed: [] });
  });

  it.each([
    [15, ["reputation"]],
    [11, ["identity", "reputation"]],
    [5, ["transactions", "balance", "identity", "reputation"]],
    [2, ["budget", "transactions", "balance", "identity", "reputation"]],
  ])("and %i calls left leaves out %s: escrows and budget are the last to go", async (calls, leftOut) => {
    looks = await fewCalls(50);
    await left(calls);
    expect(await looks.look()).toMatchObject({ answer: "looked", leftOut });
  });

  it("and none left looks at nothing, and remembers nothing of it", async () => {
    looks = await fewCalls(50);
    await left(1);
    expect(await looks.look()).toMatchObject({ answer: "no-calls" });
    expect(await looks.world.admin.calls("list_escrows")).toBe(0);
    await left(20);
    expect(await looks.look()).toMatchObject({ answer: "looked" });
  });

  it("never keeps a freeze waiting: it takes nothing from this bucket", async () => {
    looks = await fewCalls(50);
    await left(-1_000);
    const caps = { dailyCap: 0n, monthlyCap: 0n, alertThreshold: 0.8 };
    const { gateway } = looks.world.services;
    expect(await gateway.setBudget(AGENT, caps as never, "freeze:x" as never)).toMatchObject({ outcome: "done" });
  });

  it("has what it leaves out told of once for the fleet, after three times", async () => {
    looks = await fewCalls(50);
    for (const reported of [0, 0, 1, 1]) {
      await left(5);
      await looks.look();
      expect(await looks.failures()).toHaveLength(reported);
    }
    const [failure] = await looks.failures();
    expect(failure).toMatchObject({ agentId: "tourniquet", why: { rule: "check-left-out" } });
    expect(failure!.why.observed.leftOut).toBe("transactions, balance, identity, reputation");
  });
});
