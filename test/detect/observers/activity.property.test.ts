import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accessObserver } from "../../../src/detect/observers/access.ts";
import { activityObserver } from "../../../src/detect/observers/activity.ts";
import type { ObservePorts, Observer } from "../../../src/detect/observers/observer.ts";
import type { EventFacts, GatewayEvent } from "../../../src/incident/event.ts";
import { readSettings } from "../../../src/settings/settings.ts";
import { openStores, type Stores } from "../../redis/open-stores.ts";
import { noon } from "../rules/windows.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());

const settings = readSettings(
  "thresholds: { toolCallBurst: { callsPerMinute: 2 }, errorSpike: { count: 5 }, identityCompromise: { minimumSamples: 3 } }",
  {},
);
let agents = 0;
const newAgent = () => {
  agents += 1;
  return `agent-${agents}`;
};

interface Happening {
  id: string;
  at: number;
  facts: EventFacts;
}

/** Observes in this order; every conclusion drawn on the way, each once as "kind severity", and how many ids they had. */
async function observe(observer: Observer, agentId: string, happenings: readonly Happening[]): Promise<Set<string>> {
  const ports = { ...stores, settings } as unknown as ObservePorts;
  const drawn = new Map<string, Set<string>>();
  for (const { id, at, facts } of happenings) {
    const event: GatewayEvent = {
      id,
      agentId,
      facts,
      type: facts.kind,
      source: "activity",
      occurredAt: at,
      receivedAt: at,
    };
    for (const { kind, severity, id } of await observer.observe(ports, event, settings.thresholds))
      drawn.set(`${kind} ${severity}`, (drawn.get(`${kind} ${severity}`) ?? new Set()).add(id));
  }
  return new Set([...drawn].map(([conclusion, ids]) => `${conclusion}: ${ids.size}`));
}

/** The same happenings in another order, some of them twice. */
const shuffled = (all: readonly Happening[]) =>
  fc
    .shuffledSubarray([...all])
    .chain((twice) => fc.shuffledSubarray([...all, ...twice], { minLength: all.length + twice.length }));
const inTime = (all: readonly Happening[]) => [...all].sort((a, b) => a.at - b.at);

const times = (most: number, maxLength: number) => fc.array(fc.nat(most), { minLength: 1, maxLength });
const mixed = <T>(arbitrary: fc.Arbitrary<T>, toHappenings: (value: T) => Happening[]) =>
  arbitrary.map(toHappenings).chain((all) => fc.record({ all: fc.constant(all), mixed: shuffled(all) }));

const errorsOf = mixed(times(600_000, 14), (offsets) =>
  offsets.map((ms, index) => ({
    id: `evt-0-${index}`,
    at: noon + ms,
    facts: { kind: "error", code: "x", message: null },
  })),
);
const tool = fc.constantFrom("search", "search", "read_secret", "http_request", "file_read");
const callsOf = (maxLength: number) =>
  mixed(fc.array(fc.tuple(fc.nat(150_000), tool), { minLength: 1, maxLength }), (calls) =>
    calls.map(([ms, name], index) => ({
      id: `evt-0-${String(index).padStart(2, "0")}`,
      at: noon + ms,
      facts: { kind: "tool-call", tool: name, bodyBytes: 0 },
    })),
  );

describe("in whatever order an agent's activity is told, and however often", () => {
  it("errors and bursts of calls conclude the same signals", async () => {
    await fc.assert(
      fc.asyncProperty(errorsOf, callsOf(14), async (errors, calls) => {
        for (const { all, mixed } of [errors, calls]) {
          const straight = await observe(activityObserver, newAgent(), inTime(all));
          const other = await observe(activityObserver, newAgent(), mixed);
          const bursts = (drawn: Set<string>) => [...drawn].filter((one) => !one.startsWith("suspicious")).sort();
          expect(bursts(other)).toEqual(bursts(straight));
        }
      }),
      { seed: 7, numRuns: 30 },
    );
  });

  it("calls conclude the same sequences; one that comes late can only make others look closer than they were", async () => {
    const sequences = (drawn: Set<string>) => [...drawn].filter((one) => one.startsWith("suspicious"));
    await fc.assert(
      fc.asyncProperty(callsOf(5), callsOf(12), async (few, many) => {
        const straight = await observe(activityObserver, newAgent(), inTime(few.all));
        expect(sequences(await observe(activityObserver, newAgent(), few.mixed))).toEqual(sequences(straight));
        const inOrder = sequences(await observe(activityObserver, newAgent(), inTime(many.all)));
        const mixed = sequences(await observe(activityObserver, newAgent(), many.mixed));
        expect(mixed).toEqual(expect.arrayContaining(inOrder));
      }),
      { seed: 7, numRuns: 30 },
    );
  });

  it("authentications of a known agent are as critical; one that comes late is warned about besides", async () => {
    const auth = (id: string, at: number, address: string, userAgent: string): Happening => ({
      id,
      at,
      facts: { kind: "auth", address, userAgent, succeeded: true },
    });
    const usual = [0, 1, 2].map((day) => auth(`evt-0-u${day}`, noon - (5 - day) * 86_400_000, "10.0.0.1", "sdk/1"));
    const later = mixed(
      fc.array(fc.tuple(fc.nat(3_000_000), fc.constantFrom("10.0.0.1", "10.0.0.2"), fc.constantFrom("sdk/1", "curl")), {
        minLength: 1,
        maxLength: 8,
      }),
      (all) => all.map(([ms, address, userAgent], index) => auth(`evt-0-${index}`, noon + ms, address, userAgent)),
    );
    await fc.assert(
      fc.asyncProperty(later, async ({ all, mixed }) => {
        const [one, other] = [newAgent(), newAgent()];
        const straight = await observe(accessObserver, one, [...usual, ...inTime(all)]);
        const disorderly = await observe(accessObserver, other, [...usual, ...mixed]);
        const critical = (drawn: Set<string>) => [...drawn].filter((one) => one.includes("critical"));
        expect(critical(disorderly)).toEqual(critical(straight));
        expect([...disorderly]).toEqual(expect.arrayContaining([...straight]));
      }),
      { seed: 7, numRuns: 30 },
    );
  });
});
