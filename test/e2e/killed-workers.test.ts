import { describe, expect, it } from "vitest";
import { created, expectStopped, isQuiet, night, playNight, standDown } from "../support/night.ts";
import { inProduct, type Product } from "../support/product.ts";
import { until } from "../support/until.ts";
import type { Point, What } from "../support/worker-with-kill-point.ts";

const agentId = "procurement-17";

const points: readonly [What, Point, nth: number][] = [
  ["freeze", "before-claim", 1],
  ["freeze", "after-claim", 1],
  ["freeze", "after-call", 1],
  ["freeze", "before-receipt", 1],
  ["cancel", "before-claim", 3],
  ["cancel", "after-claim", 3],
  ["cancel", "after-call", 3],
  ["cancel", "before-receipt", 1],
];

/** Neither of the two asked for what the other had asked for. */
async function expectOneCallEach(product: Product): Promise<void> {
  expect(await product.admin.calls("cancel_escrow")).toBe(await created(product, agentId));
}

const killed = { code: null, signal: "SIGKILL" };
const patient = { timeout: 240_000 };

describe.concurrent("when the only worker is killed with -9 and another is started afterwards", patient, () => {
  it.for(points)("at the %s, %s, it is finished as if nothing had happened", ([what, point, nth], { expect }) =>
    inProduct({}, async (product) => {
      const worker = await product.startKillable("containment+cascade", what, point, nth, "die");
      const played = playNight(product, night());
      expect(await worker.ended).toEqual(killed);
      await product.startWorker("all");
      await played;
      await expectStopped(product, agentId);
      await expectOneCallEach(product);
    }),
  );
});

describe.concurrent("when a worker is killed with -9 beside a second one", patient, () => {
  it.for(points)(
    "at the %s, %s, the second finishes it; stand-down restores the caps",
    ([what, point, nth], { expect }) =>
      inProduct({}, async (product) => {
        const worker = await product.startKillable("containment+cascade", what, point, nth, "wait");
        const reached = worker.message();
        const played = playNight(product, night());
        expect(await reached).toEqual({ reached: point });
        await product.startWorker("all");
        await worker.kill();
        await played;
        const incident = await expectStopped(product, agentId);
        await expectOneCallEach(product);
        await standDown(product, incident);
      }),
  );
});

describe.concurrent("when a cascade worker is killed with -9 between its verdict and the hand-over", patient, () => {
  it("is handed over by the next one, whoever is there to contain it then", ({ expect }) =>
    inProduct({}, async (product) => {
      const worker = await product.startKillable("cascade", "hand-over", "after-verdict", 1, "die");
      const played = playNight(product, night());
      expect(await worker.ended).toEqual(killed);
      await product.startWorker("cascade");
      await played;
      // Every event is judged: from now on only what was handed over can lead to the agent.
      await until(() => isQuiet(product, "correlate"), "every event to be judged", 60_000, 100);
      await product.startWorker("containment");
      await expectStopped(product, agentId);
    }));
});
