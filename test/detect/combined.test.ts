import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { combined } from "../../src/detect/combined.ts";
import type { Signal } from "../../src/incident/signal.ts";
import { aSignal, openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(() => stores.redis.flushdb());

const noon = Date.UTC(2026, 10, 20, 12);
const WINDOW_MS = 60_000;
const warning = (kind: Signal["kind"], atMs = 0, more: Partial<Signal> = {}) =>
  aSignal({ id: `sig-${kind}`, kind, severity: "warning", occurredAt: noon + atMs, ...more });

/** Each is kept and then asked for company, as answer.ts does; what became critical, by kind. */
async function cameOf(signals: readonly Signal[]): Promise<string[]> {
  const raised: Signal[] = [];
  for (const signal of signals) {
    await stores.verdicts.keep({ signal, tier: "alert-human", decidedBy: "default policy" });
    raised.push(...(await combined(stores.verdicts, signal, WINDOW_MS)));
  }
  expect(raised.every(({ severity }) => severity === "critical")).toBe(true);
  return [...new Set(raised.map(({ kind, id }) => `${kind} ${id}`))].sort();
}
const kindsOf = (came: readonly string[]) => came.map((text) => text.split(" ")[0]);

describe("two different warnings about one agent (D15)", () => {
  it("are both critical within the interval, to its last millisecond", async () => {
    const came = await cameOf([warning("budget-warning"), warning("cost-anomaly", WINDOW_MS)]);
    expect(kindsOf(came)).toEqual(["budget-warning", "cost-anomaly"]);
  });

  it("are watched and no more when a millisecond lies between them and the interval", async () => {
    expect(await cameOf([warning("budget-warning"), warning("cost-anomaly", WINDOW_MS + 1)])).toEqual([]);
  });

  it("say each other's reason", async () => {
    const [first, second] = [warning("budget-warning"), warning("cost-anomaly")];
    await stores.verdicts.keep({ signal: first, tier: "alert-human", decidedBy: "x" });
    const [raised] = await combined(stores.verdicts, second, WINDOW_MS);
    expect(raised?.why.sentence).toContain(first.why.sentence);
    expect(raised?.why.observed).toMatchObject({ combinedWith: "budget-warning" });
  });
});

describe("what is no second opinion", () => {
  it.each([
    ["the same warning again", [warning("budget-warning"), warning("budget-warning", 10, { id: "sig-other" })]],
    ["a failed check of ours", [warning("budget-warning"), warning("detection-failure", 10)]],
    ["another agent's warning", [warning("budget-warning"), warning("cost-anomaly", 10, { agentId: "agent-8" })]],
    ["a mere information", [warning("budget-warning"), warning("cost-anomaly", 10, { severity: "info" })]],
    ["what is critical by itself", [warning("budget-warning"), warning("cost-anomaly", 10, { severity: "critical" })]],
  ])("%s", async (_name, signals) => {
    expect(await cameOf(signals)).toEqual([]);
  });
});

describe("what a person has called a false alarm", () => {
  it("makes no later warning critical, and two that come after it are", async () => {
    expect(await cameOf([warning("budget-warning")])).toEqual([]);
    const { incidentId } = await stores.incidents.open(openRequest());
    await stores.incidents.beginStandDown(incidentId, "ada", "planned");
    expect(await cameOf([warning("cost-anomaly", 10)])).toEqual([]);
    expect(kindsOf(await cameOf([warning("reputation-drift", 20)]))).toEqual(["cost-anomaly", "reputation-drift"]);
  });
});

describe("in whatever order the warnings come, and however often", () => {
  it("the same of them become critical", async () => {
    const kinds = ["budget-warning", "cost-anomaly", "reputation-drift", "tool-call-burst"] as const;
    const warnings = fc.uniqueArray(fc.record({ kind: fc.constantFrom(...kinds), atMs: fc.nat(150_000) }), {
      selector: ({ kind }) => kind,
      minLength: 2,
    });
    const deliveries = warnings.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 })),
    );
    await fc.assert(
      fc.asyncProperty(deliveries, async ([inOrder, shuffled]) => {
        const signals = (list: typeof inOrder) => list.map(({ kind, atMs }) => warning(kind, atMs));
        await stores.redis.flushdb();
        const straight = await cameOf(signals(inOrder));
        await stores.redis.flushdb();
        expect(await cameOf(signals(shuffled))).toEqual(straight);
      }),
      { seed: 15, numRuns: 60 },
    );
  });
});
