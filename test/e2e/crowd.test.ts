import { describe, it } from "vitest";
import { stage } from "../../src/sandbox/play.ts";
import type { CommandProcess } from "../support/command-process.ts";
import { capsBefore, created, expectStopped, night, playNight, standDown } from "../support/night.ts";
import { inProduct, type Product } from "../support/product.ts";
import { until } from "../support/until.ts";

const agentId = "procurement-17";
const patient = { timeout: 240_000 };
const LOCK_MS = 10_000;

describe.concurrent("when every webhook is delivered five times and out of order", patient, () => {
  it("opens one incident, and each escrow comes back once", ({ expect }) =>
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

describe.concurrent("when two containment and two cascade workers share the work", patient, () => {
  it("asks the gateway once for each escrow", ({ expect }) =>
    inProduct({ workers: ["containment", "containment", "cascade", "cascade"] }, async (product) => {
      await playNight(product, night());
      await expectStopped(product, agentId);
      expect(await product.admin.calls("cancel_escrow")).toBe(await created(product, agentId));
    }));
});

/** Paused for one and a half times its lock, while somebody else does its work. */
async function untilZombie(stoppedAt: number): Promise<void> {
  await until(async () => performance.now() - stoppedAt > 1.5 * LOCK_MS, "its lock to be long gone", 2 * LOCK_MS, 100);
}

/** Contained by another job, while the one held up is still in hand. */
const untilStatusContained = ({ services }: Product) =>
  until(
    async () => (await services.incidents.list(1)).find(({ status }) => status === "contained"),
    "another job to contain the agent",
    60_000,
    100,
  );

const heldOf = async ({ admin }: Product) =>
  (await admin.state()).agents.find((one) => one.agentId === agentId)?.escrows.held;

/** Resolves when the held-up job of this queue has ended. */
async function goOn(held: CommandProcess, queue: string): Promise<void> {
  const before = held.output().length;
  // Told before it wakes, it goes on with its work before it can learn that its lock is lost.
  held.send({ go: "on" });
  held.signal("SIGCONT");
  const ended = new RegExp(`"queue":"${queue}".*"msg":"job\\.(done|failed)"`);
  await until(async () => ended.test(held.output().slice(before)), "the held-up job to end", 30_000);
}

describe.concurrent("when a containment worker is held up between its claim and its call", patient, () => {
  it("paused beyond its lock and woken, it sends no cancel any more", ({ expect }) =>
    inProduct({ workers: ["cascade", "cascade"] }, async (product) => {
      const zombie = await product.startKillable("containment", "cancel", "after-claim", 3, "wait");
      const reached = zombie.message();
      const played = playNight(product, night());
      expect(await reached).toMatchObject({ reached: expect.any(String) });
      zombie.signal("SIGSTOP");
      const stoppedAt = performance.now();
      await product.startWorker("containment");
      await played;
      await expectStopped(product, agentId);
      await untilZombie(stoppedAt);
      await goOn(zombie, "contain");
      await expectStopped(product, agentId);
      expect(await product.admin.calls("cancel_escrow")).toBe(await created(product, agentId));
    }));

  it("for longer than its lease, it sends no cancel any more", ({ expect }) =>
    inProduct({ workers: ["cascade"] }, async (product) => {
      const late = await product.startKillable("containment", "cancel", "after-claim", 3, "wait");
      const reached = late.message();
      const played = playNight(product, night());
      expect(await reached).toMatchObject({ reached: expect.any(String) });
      await played;
      // Its own later jobs, and those of anybody else, find the escrow claimed, wait that out and cancel it.
      await until(async () => (await heldOf(product)) === 0, "another job to cancel the last one", 60_000, 100);
      await goOn(late, "contain");
      await expectStopped(product, agentId);
      expect(await product.admin.calls("cancel_escrow")).toBe(await created(product, agentId));
    }));

  it("for longer than its lease, it does not freeze an agent that was released meanwhile", ({ expect }) =>
    inProduct({ workers: ["cascade", "recovery"] }, async (product) => {
      const late = await product.startKillable("containment", "freeze", "after-claim", 1, "wait");
      const reached = late.message();
      const played = playNight(product, night());
      expect(await reached).toMatchObject({ reached: expect.any(String) });
      await played;
      await standDown(product, await untilStatusContained(product));
      await goOn(late, "freeze");
      const agent = (await product.admin.state()).agents.find((one) => one.agentId === agentId);
      expect(agent?.caps).toEqual(capsBefore);
    }));
});

describe.concurrent(
  "when a job is held up before it reads the caps, and another freezes the agent meanwhile",
  patient,
  () => {
    it("does not take the zero it reads for the caps of before", ({ expect }) =>
      inProduct(
        { workers: ["cascade", "recovery"], sandbox: { delivery: { types: ["budget_threshold"] } } },
        async (product) => {
          await stage(product.sandbox.url, night());
          await product.admin.holdEscrows(agentId, "flaky-upstream", "150.00", 60);
          const late = await product.startKillable("containment", "record", "before-call", 1, "wait");
          const reached = late.message();
          await product.admin.announce("budget_threshold", agentId, { utilization_pct: 99 });
          expect(await reached).toMatchObject({ reached: expect.any(String) });
          await untilStatusContained(product);
          await goOn(late, "freeze");
          await standDown(product, await expectStopped(product, agentId));
        },
      ));
  },
);
