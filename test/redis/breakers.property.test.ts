import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keys } from "../../src/redis/keys.ts";
import { openStores, type Stores } from "./open-stores.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());

/** Short enough that most runs see every state, often. */
const limits = { failures: 2, openMs: 90_000, probeMs: 60_000 };
/** Time passes in steps that a slow test cannot blur. */
const STEP_MS = 30_000;

type Act =
  | { does: "ask" }
  | { does: "report"; outcome: "success" | "failure"; by: "nobody" | number }
  | { does: "pass"; steps: number };
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Act>({ does: "ask" }) },
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constant("report" as const),
      outcome: fc.constantFrom("success" as const, "failure" as const, "failure" as const),
      by: fc.oneof(fc.constant("nobody" as const), fc.constant(0), fc.nat(2)),
    }),
  },
  { weight: 3, arbitrary: fc.record({ does: fc.constant("pass" as const), steps: fc.integer({ min: 1, max: 3 }) }) },
);

/** The breaker as mission P3 tells it, one process, no Redis. Times in ms since the last pass began to count. */
class Told {
  failures = 0;
  openFor: number | null = null;
  probe: { token: string; for: number } | null = null;

  ask(token: string): string | null {
    if (this.openFor === null || this.openFor < limits.openMs) return null;
    if (this.probe && this.probe.for < limits.probeMs) return null;
    this.probe = { token, for: 0 };
    return token;
  }

  report(outcome: "success" | "failure", token: string | null): void {
    if (this.openFor === null) {
      if (token !== null) return;
      this.failures = outcome === "success" ? 0 : this.failures + 1;
      if (this.failures >= limits.failures) this.openFor = 0;
      return;
    }
    if (token === null || this.probe?.token !== token || this.probe.for >= limits.probeMs) return;
    this.probe = null;
    this.openFor = outcome === "failure" ? 0 : null;
    this.failures = outcome === "failure" ? this.failures + 1 : 0;
  }

  pass(ms: number): void {
    if (this.openFor !== null) this.openFor += ms;
    if (this.probe) this.probe.for += ms;
  }

  state(): string {
    if (this.openFor === null) return "closed";
    return this.openFor < limits.openMs ? "open" : "half-open";
  }
}

/** What is stored moves into the past. */
async function pass(agentId: string, ms: number): Promise<void> {
  const key = keys.breaker(0, agentId);
  for (const field of ["openedAt", "probeAt"] as const)
    if (await stores.redis.hexists(key, field)) await stores.redis.hincrby(key, field, -ms);
}

describe("whatever is asked and reported, in whatever order, however late", () => {
  it("the breaker is where mission P3 says, and one probe at most is under way", async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 30, maxLength: 60 }), async (acts) => {
        run += 1;
        const agentId = `agent-${run}`;
        const told = new Told();
        const given: string[] = [];
        for (const one of acts) {
          if (one.does === "pass") {
            told.pass(one.steps * STEP_MS);
            await pass(agentId, one.steps * STEP_MS);
          } else if (one.does === "ask") {
            const { probe, state } = await stores.breakers.ask(agentId, limits, { peek: false, sparing: [] });
            expect(state).toBe(told.state());
            expect(probe !== null).toBe(told.ask(probe ?? "none") !== null);
            if (probe !== null) given.unshift(probe);
          } else {
            const probe = one.by === "nobody" ? null : (given[one.by] ?? "never-given");
            await stores.breakers.report(agentId, limits, { outcome: one.outcome, probe });
            told.report(one.outcome, probe);
          }
          const { state, failures } = await stores.breakers.ask(agentId, limits, { peek: true, sparing: [] });
          expect([state, failures]).toEqual([told.state(), told.failures]);
        }
      }),
      { numRuns: 60, seed: 247 },
    );
  });
});
