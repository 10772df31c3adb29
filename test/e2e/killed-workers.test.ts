import { describe, expect, it } from "vitest";
import { expectStopped, night, playNight, standDown } from "../support/night.ts";
import { inProduct } from "../support/product.ts";
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

describe.concurrent("when the only containment worker is killed with -9 and another is started afterwards", () => {
  it.each(points)("at the %s, %s, it is finished as if nothing had happened", (what, point, nth) =>
    inProduct({ workers: ["cascade"] }, async (product) => {
      const killed = await product.startKillable("containment", what, point, nth, "die");
      const played = playNight(product, night());
      expect(await killed.ended).toEqual({ code: null, signal: "SIGKILL" });
      await product.startWorker("containment");
      await played;
      await expectStopped(product, agentId);
    }),
  );
});

describe.concurrent("when a containment worker is killed with -9 beside a second one", () => {
  it.each(points)("at the %s, %s, the second finishes it and stand-down restores the caps", (what, point, nth) =>
    inProduct({ workers: ["cascade"] }, async (product) => {
      const killed = await product.startKillable("containment", what, point, nth, "wait");
      const reached = killed.message();
      const played = playNight(product, night());
      expect(await reached).toEqual({ reached: point });
      await product.startWorker("containment");
      await killed.kill();
      await played;
      const incident = await expectStopped(product, agentId);
      await product.startWorker("recovery");
      await standDown(product, incident);
    }),
  );
});

describe.concurrent("when a cascade worker is killed with -9 between its verdict and the hand-over", () => {
  it("is handed over by the other one", () =>
    inProduct({ workers: ["containment"] }, async (product) => {
      const killed = await product.startKillable("cascade", "hand-over", "after-verdict", 1, "die");
      const played = playNight(product, night());
      expect(await killed.ended).toEqual({ code: null, signal: "SIGKILL" });
      await product.startWorker("cascade");
      await played;
      await expectStopped(product, agentId);
    }));
});
