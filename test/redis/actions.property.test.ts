import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ActionKey } from "../../src/incident/gateway.ts";
import { keys } from "../../src/redis/keys.ts";
import { openStores, type Stores } from "./open-stores.ts";

/** Long enough that nothing runs out by itself: time passes where a command says so, by moving the stored end of the lease. */
const LEASE_MS = 60_000;
const GRACE_MS = 60_000;
const agent = "agent-7";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());

/** The ledger of one action as a plain object. `held`: a lease or its grace still runs. */
interface Model {
  state: "free" | "started" | "done";
  wasTried: boolean;
  held: boolean;
  fence: number;
  owner: string;
  mode: "go" | "verify";
  result: number | null;
}
interface Real {
  action: ActionKey;
  acceptedEnds: number;
  highestFence: number;
}
type Command = fc.AsyncCommand<Model, Real>;

/** Somebody claims: the one who holds the action, asking again, or anybody else. */
const claim = (again: boolean): Command => ({
  check: () => true,
  toString: () => (again ? "claim again" : "claim"),
  async run(model, real) {
    const owner = again && model.state === "started" ? model.owner : randomUUID();
    const answer = await stores.actions.claim(agent, real.action, owner, LEASE_MS, GRACE_MS);
    if (model.state === "done") return expect(answer).toEqual({ answer: "done", result: { by: model.result } });
    if (model.state === "started" && owner === model.owner)
      return expect(answer).toEqual({ answer: model.mode, fence: model.fence });
    if (model.state === "started" && model.held) {
      expect(answer.answer).toBe("busy");
      if (answer.answer !== "busy") return;
      expect(answer.waitMs).toBeGreaterThan(0);
      return expect(answer.waitMs).toBeLessThanOrEqual(LEASE_MS + GRACE_MS);
    }
    expect(answer).toEqual({ answer: model.wasTried ? "verify" : "go", fence: real.highestFence + 1 });
    Object.assign(model, { state: "started", wasTried: true, held: true, owner, fence: real.highestFence + 1 });
    model.mode = answer.answer === "verify" ? "verify" : "go";
    real.highestFence += 1;
  },
});

/** Somebody finishes: the holder, or one who held it `ago` claims before and comes late. */
const finish = (ago: number, end: "done" | "retry"): Command => ({
  check: () => true,
  toString: () => `${ago > 0 ? "late " : ""}finish ${end}`,
  async run(model, real) {
    const fence = model.fence - ago;
    const accepted = await stores.actions.finish(agent, real.action, fence, end, { by: fence });
    expect(accepted).toBe(model.state === "started" && ago === 0);
    if (!accepted) return;
    if (end === "done") real.acceptedEnds += 1;
    Object.assign(model, end === "done" ? { state: "done", result: fence } : { state: "free", held: false });
  },
});

/** The holder has crashed or sleeps, and time goes by: to the end of its lease, or past the grace too. */
const timePasses = (graceToo: boolean): Command => ({
  check: (model) => model.held,
  toString: () => (graceToo ? "lease and grace run out" : "lease runs out"),
  async run(model, real) {
    const end = (await stores.clock.now()) - (graceToo ? GRACE_MS : 0);
    await stores.redis.hset(keys.action(0, real.action), "exp", end);
    if (graceToo) model.held = false;
  },
});

const commands = fc.commands(
  [
    fc.boolean().map((again) => claim(again)),
    fc
      .tuple(fc.constantFrom(0, 0, 1, 2), fc.constantFrom("done" as const, "retry" as const, "retry" as const))
      .map(([ago, end]) => finish(ago, end)),
    fc.boolean().map((graceToo) => timePasses(graceToo)),
  ],
  { size: "medium" },
);

describe("whatever workers, crashes, late answers and resent commands do to one action", () => {
  it("at most one end is accepted, the fence only rises, done stays done, and nobody gets in before lease and grace are over", async () => {
    await fc.assert(
      fc.asyncProperty(commands, async (sequence) => {
        const real: Real = { action: `cancel:${randomUUID()}` as ActionKey, acceptedEnds: 0, highestFence: 0 };
        const model: Model = {
          state: "free",
          wasTried: false,
          held: false,
          fence: 0,
          owner: "",
          mode: "go",
          result: null,
        };
        await fc.asyncModelRun(() => ({ model, real }), sequence);
        expect(real.acceptedEnds).toBeLessThanOrEqual(1);
      }),
      { seed: 7, numRuns: 80 },
    );
  });
});
