import { describe, expect, it } from "vitest";
import type { CommandProcess } from "../support/command-process.ts";
import { capsBefore, expectStopped, night, playNight, standDown } from "../support/night.ts";
import { inProduct, type Product } from "../support/product.ts";
import { until } from "../support/until.ts";

const agentId = "procurement-17";
const LOCK_MS = 10_000;

const created = async ({ admin }: Product) =>
  (await admin.effects("escrow.created")).filter((effect) => effect.agentId === agentId).length;

describe.concurrent("when every webhook is delivered five times and out of order", () => {
  it("opens one incident, and each escrow comes back once", () =>
    inProduct(
      {
        workers: ["containment", "cascade", "recovery"],
        sandbox: { delivery: { duplicates: 4, isShuffled: true, delayMs: 1_500 } },
      },
      async (product) => {
        await playNight(product, night());
        const incident = await expectStopped(product, agentId);
        const { accepted, dispositions } = await product.services.inbox.stats();
        expect(dispositions.duplicate).toBeGreaterThanOrEqual(4 * (accepted / 5) - 1);
        await standDown(product, incident);
      },
    ));
});

describe.concurrent("when two containment and two cascade workers share the work", () => {
  it("asks the gateway once for each escrow", () =>
    inProduct({ workers: ["containment", "containment", "cascade", "cascade"] }, async (product) => {
      await playNight(product, night());
      await expectStopped(product, agentId);
      expect(await product.admin.calls("cancel_escrow")).toBe(await created(product));
    }));
});

/** Paused for one and a half times its lock, while somebody else does its work. */
async function untilZombie(stoppedAt: number): Promise<void> {
  await until(async () => performance.now() - stoppedAt > 1.5 * LOCK_MS, "its lock to be long gone", 2 * LOCK_MS, 100);
}

/** Resolves when the held-up job of this queue has ended. */
async function goOn(held: CommandProcess, queue: string): Promise<void> {
  const before = held.output().length;
  // Told before it wakes, it goes on with its work before it can learn that its lock is lost.
  held.send({ go: "on" });
  held.signal("SIGCONT");
  const ended = new RegExp(`"queue":"${queue}".*"msg":"job\\.(done|failed)"`);
  await until(async () => ended.test(held.output().slice(before)), "the held-up job to end", 30_000);
}

describe.concurrent("when a containment worker is held up between its claim and its call", () => {
  it("paused beyond its lock and woken, it sends no cancel any more", () =>
    inProduct({ workers: ["cascade", "cascade"] }, async (product) => {
      const zombie = await product.startKillable("containment", "cancel", "after-claim", 3, "wait");
      const reached = zombie.message();
      const played = playNight(product, night());
      await reached;
      zombie.signal("SIGSTOP");
      const stoppedAt = performance.now();
      await product.startWorker("containment");
      await played;
      await expectStopped(product, agentId);
      await untilZombie(stoppedAt);
      await goOn(zombie, "contain");
      await expectStopped(product, agentId);
      expect(await product.admin.calls("cancel_escrow")).toBe(await created(product));
    }));

  it("for longer than its lease, it does not freeze an agent that was released meanwhile", () =>
    inProduct({ workers: ["cascade", "recovery"] }, async (product) => {
      const late = await product.startKillable("containment", "freeze", "after-claim", 1, "wait");
      const reached = late.message();
      const played = playNight(product, night());
      await reached;
      await played;
      const contained = await until(
        async () => (await product.services.incidents.list(1)).find(({ status }) => status === "contained"),
        "another job to contain the agent",
        60_000,
        100,
      );
      await standDown(product, contained);
      await goOn(late, "freeze");
      const agent = (await product.admin.state()).agents.find((one) => one.agentId === agentId);
      expect(agent?.caps).toEqual(capsBefore);
    }));
});
